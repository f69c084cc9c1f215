import { type SceneSet, subsetOfPictures } from '@ltml/data';
import type { SingleLabelSets } from './parts.ts';

/** Of every class one scene in so many is held out, so that classes with fewer have none there. */
const oneIn = 4;

/** Training scenes parted for the choice of a setting: `test` is what is held out of training. */
export function holdOut(train: SceneSet): SingleLabelSets {
  const { rows, columns, present } = train.labels;
  const met = new Array<number>(columns).fill(0);
  const held = Array.from({ length: rows }, (_, row) => {
    const c = present.subarray(row * columns, (row + 1) * columns).indexOf(1);
    return met[c]++ % oneIn === 2;
  });
  const all = Array.from(held.keys());
  return {
    train: pick(
      train,
      all.filter((row) => !held[row]),
    ),
    test: pick(
      train,
      all.filter((row) => held[row]),
    ),
  };
}

function pick(set: SceneSet, rows: readonly number[]): SceneSet {
  const { columns, present } = set.labels;
  const labels = rows.flatMap((row) => Array.from(present.subarray(row * columns, (row + 1) * columns)));
  return {
    ...set,
    labels: { rows: rows.length, columns, present: Uint8Array.from(labels) },
    images: { ...subsetOfPictures(set.images, rows), size: set.images.size },
    scenes: rows.map((row) => set.scenes[row]),
  };
}
