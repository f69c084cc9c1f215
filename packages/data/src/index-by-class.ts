import { checkLabels, type Labels } from '@ltml/tensor/labels';

/**
 * The images of each class, ascending: those where the class is present and known to be.
 *
 * @returns one list of image indices for each of the C classes
 * @throws DataError on labels other than 0 and 1
 */
export function indexByClass(labels: Labels): Int32Array[] {
  checkLabels('indexByClass', labels);
  const { rows, columns, present, known } = labels;
  const lists: number[][] = Array.from({ length: columns }, () => []);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, at++) {
      if (present[at] === 1 && (known?.[at] ?? 1) === 1) lists[c].push(row);
    }
  }
  return lists.map((list) => Int32Array.from(list));
}
