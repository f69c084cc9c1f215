import { checkIndices, checkLabels, type Labels } from '@ltml/tensor/labels';
import type { LabelledInputs } from './labelled-inputs.ts';
import { subsetOfSparseLabels } from './sparse-labels.ts';

/**
 * Some images of a data set as a new data set: its image i is image `images[i]` of the whole. Images are read only when
 * requested; dense labels are copied.
 *
 * @param images indices in any order, repeats allowed
 * @param name name of the new data set, e.g. `digits-lt@1/validation`
 * @throws DataError on an image that does not exist
 */
export function subset(dataset: LabelledInputs, images: ArrayLike<number>, name: string): LabelledInputs {
  const { inputs, labels } = dataset;
  checkIndices('subset', 'images', images, inputs.length);
  const chosen = Int32Array.from(images);
  return {
    name,
    classes: dataset.classes,
    labels: 'row' in labels ? subsetOfSparseLabels(labels, chosen) : subsetOfLabels(labels, chosen),
    inputs: {
      length: chosen.length,
      shape: inputs.shape,
      read: (indices, streams, into) =>
        inputs.read(
          Int32Array.from(indices, (index) => chosen[index]),
          streams,
          into,
        ),
    },
  };
}

/**
 * The labels of some images, in the given order.
 *
 * @throws DataError on an image that does not exist, or on labels other than 0 and 1
 */
export function subsetOfLabels(labels: Labels, images: ArrayLike<number>): Labels {
  const { rows, columns, present, known } = labels;
  checkLabels('subsetOfLabels', labels);
  checkIndices('subsetOfLabels', 'images', images, rows);
  const select = (values: Uint8Array): Uint8Array => {
    const selected = new Uint8Array(images.length * columns);
    for (let i = 0, at = 0; i < images.length; i++) {
      const from = images[i] * columns;
      for (let c = 0; c < columns; c++) selected[at++] = values[from + c];
    }
    return selected;
  };
  return { rows: images.length, columns, present: select(present), ...(known && { known: select(known) }) };
}
