import { stratifiedSplit, subsetOfLabels, subsetOfPictures } from '@ltml/data';
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
  const { rows, columns, present, known } = set.labels;
  const isPositive = (row: number, c: number): boolean => {
    const at = row * columns + c;
    return present[at] === 1 && (known?.[at] ?? 1) === 1;
  };
  const classes = set.classes.map((_, c) => c);
  const all = Array.from({ length: rows }, (_, row) => row);
  const counts = classes.map((c) => all.reduce((sum, row) => sum + Number(isPositive(row, c)), 0));
  const isRare = (row: number): boolean => classes.some((c) => counts[c] < fewest && isPositive(row, c));
  const candidates = all.filter((row) => !isRare(row));
  const random = new RandomStreams(seed).stream('validation');
  const { heldOut } = stratifiedSplit(subsetOfLabels(set.labels, candidates), { share, random });
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
  return { name, classes, labels: subsetOfLabels(labels, rows), images: subsetOfPictures(images, rows) };
}
