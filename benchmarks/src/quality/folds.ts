import { type Dataset, indexByClass } from '@ltml/data';

/** Part of a data set, for training and for checking a setting. */
export interface Fold {
  readonly train: Dataset;
  readonly heldOut: Dataset;
}

/**
 * Splits a data set for cross-validation. Images are dealt out by their rarest class, so that every class with as many
 * images as folds is in every held-out part, and one with two images is in every training part.
 */
export function crossValidationFolds(dataset: Dataset, folds: number): Fold[] {
  const images = indexByClass(dataset.labels);
  const foldOf = new Int32Array(dataset.labels.rows).fill(-1);
  const byRarity = [...images].sort((a, b) => a.length - b.length);
  let next = 0;
  for (const list of byRarity) for (const image of list) if (foldOf[image] < 0) foldOf[image] = next++ % folds;
  const all = Array.from(foldOf.keys());
  return Array.from({ length: folds }, (_, fold) => ({
    train: subset(
      dataset,
      all.filter((image) => foldOf[image] !== fold),
    ),
    heldOut: subset(
      dataset,
      all.filter((image) => foldOf[image] === fold),
    ),
  }));
}

function subset(dataset: Dataset, images: readonly number[]): Dataset {
  const { labels, inputs } = dataset;
  const { columns } = labels;
  const rowsOf = (entries: Uint8Array): Uint8Array =>
    Uint8Array.from({ length: images.length * columns }, (_, at) => {
      return entries[images[Math.floor(at / columns)] * columns + (at % columns)];
    });
  return {
    ...dataset,
    labels: {
      rows: images.length,
      columns,
      present: rowsOf(labels.present),
      ...(labels.known && { known: rowsOf(labels.known) }),
    },
    inputs: {
      length: images.length,
      shape: inputs.shape,
      read: (indices, streams) =>
        inputs.read(
          Array.from(indices, (i) => images[i]),
          streams,
        ),
    },
  };
}
