import { checkCount, DataError } from '@ltml/tensor';
import { checkIndices, type LabelRow, type Labels, type SparseLabels } from '@ltml/tensor/labels';

/**
 * Makes labels from rows; the rows are kept, not copied.
 *
 * @throws DataError naming the row with a class outside 0 … C − 1, or with a class that is both present and absent
 */
export function sparseLabels(rows: readonly LabelRow[], columns: number): SparseLabels {
  const where = 'sparseLabels';
  checkCount(where, 'columns', columns, { min: 0 });
  for (const [i, { present, absent }] of rows.entries()) {
    checkIndices(where, `rows[${i}].present`, present, columns);
    if (absent === 'rest') continue;
    checkIndices(where, `rows[${i}].absent`, absent, columns);
    const ofRow = new Set(present);
    const both = absent.find((c) => ofRow.has(c));
    if (both === undefined) continue;
    throw new DataError({
      where,
      argument: `rows[${i}]`,
      expected: 'each class present or absent, or neither',
      received: `class ${both} in both`,
    });
  }
  return { rows: rows.length, columns, row: (index) => rows[index] };
}

/** The labels of some images, in the given order, without copying. @throws DataError on an image that does not exist */
export function subsetOfSparseLabels(labels: SparseLabels, images: ArrayLike<number>): SparseLabels {
  checkIndices('subsetOfSparseLabels', 'images', images, labels.rows);
  return { rows: images.length, columns: labels.columns, row: (index) => labels.row(images[index]) };
}

/** Dense [N, C] labels, as losses and metrics take them. `known` is left out if everything is known. */
export function denseLabels(labels: Labels | SparseLabels): Labels {
  if (!('row' in labels)) return labels;
  const { rows, columns } = labels;
  const present = new Uint8Array(rows * columns);
  let known: Uint8Array | undefined;
  for (let row = 0; row < rows; row++) {
    const { present: classes, absent } = labels.row(row);
    const start = row * columns;
    for (const c of classes) present[start + c] = 1;
    if (absent === 'rest' || classes.length + absent.length === columns) continue;
    known ??= new Uint8Array(rows * columns).fill(1);
    known.fill(0, start, start + columns);
    for (const c of classes) known[start + c] = 1;
    for (const c of absent) known[start + c] = 1;
  }
  return { rows, columns, present, ...(known && { known }) };
}
