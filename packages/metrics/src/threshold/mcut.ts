import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';

export interface McutOptions {
  /** Threshold that no image goes below; none if left out. */
  readonly floor?: number;
  /** Threshold where there is one class and therefore no gap; default 0.5. */
  readonly fallback?: number;
}

/** A threshold for each image, and the classes above it. */
export interface McutResult {
  /** [N] */
  readonly thresholds: Float64Array;
  /** [N, C] 1 where the score is over the threshold of its image. */
  readonly predicted: Uint8Array;
}

/**
 * Cuts the scores of each image in the middle of their largest gap: classes above it are present. Of equal gaps the one
 * between the higher scores. It needs no data to choose by.
 *
 * Where all scores of an image are equal, none is present. Give probabilities, so that gaps mean something.
 *
 * @throws ShapeError, DataError; OptionError
 * Source: Largeron, Moulin and Géry, MCut (IDA 2012); `floor` is of taggers in use.
 */
export function mcut(matrix: ScoreMatrix, options: McutOptions = {}): McutResult {
  checkOptionNames('mcut', options, ['floor', 'fallback']);
  const { floor, fallback = 0.5 } = options;
  if (floor !== undefined) checkNumber('mcut', 'options.floor', floor);
  checkNumber('mcut', 'options.fallback', fallback);
  checkScoreMatrix('mcut', matrix);
  const { rows, columns, scores } = matrix;
  const thresholds = new Float64Array(rows);
  const predicted = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const values = Float32Array.from(scores.slice(row * columns, (row + 1) * columns));
    const cut = columns > 1 ? middleOfGap(values.slice().sort()) : fallback;
    thresholds[row] = Math.max(cut, floor ?? cut);
    for (let c = 0; c < columns; c++) predicted[row * columns + c] = values[c] > thresholds[row] ? 1 : 0;
  }
  return { thresholds, predicted };
}

/** @param ascending two scores at least */
function middleOfGap(ascending: Float32Array): number {
  let [largest, above] = [-1, ascending.length - 1];
  for (let i = ascending.length - 1; i > 0; i--) {
    // Two infinities of one sign are no gap.
    const gap = ascending[i] === ascending[i - 1] ? 0 : ascending[i] - ascending[i - 1];
    if (gap <= largest) continue;
    [largest, above] = [gap, i];
  }
  const [high, low] = [ascending[above], ascending[above - 1]];
  if (high === low) return high;
  // Next to an infinity there is no middle: what is above the lower score is above the gap.
  return Number.isFinite(high + low) ? (high + low) / 2 : low;
}
