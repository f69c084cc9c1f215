import type { Scores } from './scores.ts';

/** The known images of one class. The arrays are reused and are valid until the next class. */
export interface ClassColumn {
  /** Index of the class. */
  readonly index: number;
  /** [n] scores of the known images, in the order of the images. */
  readonly scores: Float32Array;
  /** [n] labels of the same images: 1 present, 0 absent. */
  readonly present: Uint8Array;
}

/** Classes copied at once. A block covers a few cache lines of each row, so no line is loaded for a single class. */
const blockSize = 32;

/** The columns of a score matrix, class by class, without copying the whole matrix. */
export function* classColumns(scores: Scores): Generator<ClassColumn, void, undefined> {
  const { rows, columns } = scores;
  const values = new Float32Array(blockSize * rows);
  const labels = new Uint8Array(blockSize * rows);
  const annotated = scores.known && new Uint8Array(blockSize * rows);
  for (let start = 0; start < columns; start += blockSize) {
    const width = Math.min(blockSize, columns - start);
    transpose(scores.scores, rows, columns, start, width, values);
    transpose(scores.present, rows, columns, start, width, labels);
    if (scores.known && annotated) transpose(scores.known, rows, columns, start, width, annotated);
    for (let j = 0; j < width; j++) {
      const [from, to] = [j * rows, (j + 1) * rows];
      const column = { index: start + j, scores: values.subarray(from, to), present: labels.subarray(from, to) };
      yield annotated ? keepAnnotated(column, annotated.subarray(from, to)) : column;
    }
  }
}

function transpose<T extends Float32Array | Uint8Array>(
  matrix: T,
  rows: number,
  columns: number,
  start: number,
  width: number,
  into: T,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * columns + start;
    for (let j = 0; j < width; j++) into[j * rows + row] = matrix[at + j];
  }
}

/** Moves the known entries to the front. */
function keepAnnotated({ index, scores, present }: ClassColumn, annotated: Uint8Array): ClassColumn {
  let kept = 0;
  for (let row = 0; row < annotated.length; row++) {
    if (annotated[row] === 0) continue;
    scores[kept] = scores[row];
    present[kept++] = present[row];
  }
  return { index, scores: scores.subarray(0, kept), present: present.subarray(0, kept) };
}
