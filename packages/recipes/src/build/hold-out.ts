import { stratifiedSplit, subsetOfPictures, subsetOfSparseLabels } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { ValidationConfig } from '../parts/datasets.ts';
import type { ImageSet } from './image-set.ts';

/** Images that a class must have for one of them to be held out: a class of fewer trains with all it has. */
const fewest = 5;

/**
 * Holds images out of a training set to choose by, stratified by label (see `stratifiedSplit`).
 *
 * Images of a class that fewer than 5 training images are known to show stay in training.
 */
export function holdOut(
  set: ImageSet,
  { share, seed }: ValidationConfig,
): { readonly train: ImageSet; readonly validation: ImageSet } {
  const { labels } = set;
  const all = Array.from({ length: labels.rows }, (_, row) => row);
  const counts = new Array<number>(labels.columns).fill(0);
  for (const row of all) for (const c of labels.row(row).present) counts[c]++;
  const isRare = (row: number): boolean => labels.row(row).present.some((c) => counts[c] < fewest);
  const candidates = all.filter((row) => !isRare(row));
  const random = new RandomStreams(seed).stream('validation');
  const { heldOut } = stratifiedSplit(subsetOfSparseLabels(labels, candidates), { share, random });
  const chosen = new Set(Array.from(heldOut, (place) => candidates[place]));
  return {
    train: take(
      set,
      all.filter((row) => !chosen.has(row)),
      set.name,
    ),
    validation: take(
      set,
      all.filter((row) => chosen.has(row)),
      `${set.name}/validation`,
    ),
  };
}

function take({ classes, labels, images }: ImageSet, rows: readonly number[], name: string): ImageSet {
  return { name, classes, labels: subsetOfSparseLabels(labels, rows), images: subsetOfPictures(images, rows) };
}
