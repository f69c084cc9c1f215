import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';

/**
 * Lists the images of each class, ascending: those where the class is known to be present.
 *
 * @returns C lists of image indices
 * @throws DataError on dense labels other than 0 and 1
 */
export function indexByClass(labels: Labels | SparseLabels): Int32Array[] {
  const sparse = labelRows('indexByClass', labels);
  const lists: number[][] = Array.from({ length: sparse.columns }, () => []);
  for (let row = 0; row < sparse.rows; row++) for (const c of sparse.row(row).present) lists[c].push(row);
  return lists.map((list) => Int32Array.from(list));
}
