import { stratifiedSplit, subsetOfPictures, subsetOfSparseLabels } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { ValidationConfig } from '../parts/datasets.ts';
import type { ImageSet } from './image-set.ts';

/** An image is only held out if each of its classes has at least this number of training images. */
const fewest = 5;

/**
 * Holds out a validation split from a training set, stratified by label (see `stratifiedSplit`).
 *
 * Images of a class with fewer than 5 known positive images all stay in training.
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
