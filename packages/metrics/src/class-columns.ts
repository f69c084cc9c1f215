import type { Scores } from './scores.ts';

/** The annotated images of one class. The arrays are reused: they hold until the next class is asked for. */
export interface ClassColumn {
  /** The class. */
  readonly index: number;
  /** Scores of the annotated images, in order. */
  readonly scores: Float32Array;
  /** 1 present, 0 absent. */
  readonly present: Uint8Array;
}

/** Classes copied at once: as many float32 as a cache line holds, so that each line of the matrix is fetched once. */
const blockSize = 16;

/** The columns of a score matrix, class by class, without a copy of the whole. */
export function* classColumns(scores: Scores): Generator<ClassColumn, void, undefined> {
  const { rows, columns, present, known } = scores;
  const values = Array.from({ length: blockSize }, () => new Float32Array(rows));
  const labels = Array.from({ length: blockSize }, () => new Uint8Array(rows));
  for (let start = 0; start < columns; start += blockSize) {
    const width = Math.min(blockSize, columns - start);
    const lengths = new Array<number>(width).fill(0);
    for (let row = 0; row < rows; row++) {
      for (let j = 0, at = row * columns + start; j < width; j++, at++) {
        if (known && known[at] === 0) continue;
        values[j][lengths[j]] = scores.scores[at];
        labels[j][lengths[j]++] = present[at];
      }
    }
    for (let j = 0; j < width; j++) {
      yield {
        index: start + j,
        scores: values[j].subarray(0, lengths[j]),
        present: labels[j].subarray(0, lengths[j]),
      };
    }
  }
}
