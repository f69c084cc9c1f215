import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';

/** Options of {@link mcut}. */
export interface McutOptions {
  /** The lowest threshold of any image; default no limit. */
  readonly floor?: number;
  /** Threshold if there is only one class, which has no gap; default 0.5. */
  readonly fallback?: number;
}

/** The result of {@link mcut}. */
export interface McutResult {
  /** [N] the threshold of each image. */
  readonly thresholds: Float64Array;
  /** [N, C] 1 where the score is above the threshold of its image. */
  readonly predicted: Uint8Array;
}

/**
 * Sets a threshold for each image in the middle of the largest gap between its scores; classes above it are present. Of
 * equal gaps the highest is taken. No data are needed to choose it.
 *
 * If all scores of an image are equal, no class is present. Use probabilities, so that gaps are comparable.
 *
 * @throws ShapeError, DataError; OptionError
 * Source: Largeron, Moulin and Géry, MCut (IDA 2012); `floor` is a habit of image taggers.
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

/** @param ascending at least two scores */
function middleOfGap(ascending: Float32Array): number {
  let [largest, above] = [-1, ascending.length - 1];
  for (let i = ascending.length - 1; i > 0; i--) {
    // Two infinities of the same sign have no gap.
    const gap = ascending[i] === ascending[i - 1] ? 0 : ascending[i] - ascending[i - 1];
    if (gap <= largest) continue;
    [largest, above] = [gap, i];
  }
  const [high, low] = [ascending[above], ascending[above - 1]];
  if (high === low) return high;
  // Next to an infinity there is no middle: every score above the lower one is above the gap.
  return Number.isFinite(high + low) ? (high + low) / 2 : low;
}
