import { DataError } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import type { Dataset } from './dataset.ts';

/**
 * Some images of a data set, as a data set: image i of it is `images[i]` of the whole. Nothing is read before it is asked
 * for; labels are copied.
 *
 * @param images any order, repeats allowed
 * @param name of the new data set, e.g. `digits-lt@1/validation`
 * @throws DataError on an image that the data set does not have
 */
export function subset(dataset: Dataset, images: ArrayLike<number>, name: string): Dataset {
  const { inputs } = dataset;
  checkImages('subset', images, inputs.length);
  const chosen = Int32Array.from(images);
  return {
    name,
    classes: dataset.classes,
    labels: subsetOfLabels(dataset.labels, chosen),
    inputs: {
      length: chosen.length,
      shape: inputs.shape,
      read: (indices, random) =>
        inputs.read(
          Int32Array.from(indices, (index) => chosen[index]),
          random,
        ),
    },
  };
}

/**
 * The labels of some images, in the given order.
 *
 * @throws DataError on an image that the labels do not have
 */
export function subsetOfLabels(labels: Labels, images: ArrayLike<number>): Labels {
  const { rows, columns, present, known } = labels;
  checkImages('subsetOfLabels', images, rows);
  const select = (values: Uint8Array): Uint8Array => {
    const selected = new Uint8Array(images.length * columns);
    for (let i = 0; i < images.length; i++) {
      selected.set(values.subarray(images[i] * columns, (images[i] + 1) * columns), i * columns);
    }
    return selected;
  };
  return { rows: images.length, columns, present: select(present), ...(known && { known: select(known) }) };
}

function checkImages(where: string, images: ArrayLike<number>, count: number): void {
  for (let i = 0; i < images.length; i++) {
    if (Number.isInteger(images[i]) && images[i] >= 0 && images[i] < count) continue;
    throw new DataError({
      where,
      argument: `images[${i}]`,
      expected: `one of the ${count} images, 0 … ${count - 1}`,
      received: `${images[i]}`,
    });
  }
}
