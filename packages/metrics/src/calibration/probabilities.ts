import { checkNumber } from '@ltml/tensor';
import { checkHighest } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { highestClasses } from '../ranking/highest-classes.ts';

/**
 * Probabilities for multi-label data: σ(x/T) of each logit.
 *
 * @param logits [N, C]; other fields of the object, e.g. labels, are copied to the result
 * @param temperature T > 0, see `sigmoidTemperature`; default 1
 * @throws ShapeError, DataError on NaN; OptionError unless T is above 0
 */
export function sigmoidProbabilities<T extends ScoreMatrix>(logits: T, temperature = 1): T {
  checkScoreMatrix('sigmoidProbabilities', logits);
  checkNumber('sigmoidProbabilities', 'temperature', temperature, { above: 0 });
  return { ...logits, scores: Float32Array.from(logits.scores, (x) => 1 / (1 + Math.exp(-x / temperature))) };
}

/**
 * Probabilities for data with one class per image: the softmax of x/T over each row.
 *
 * @param logits [N, C]; other fields of the object, e.g. labels, are copied to the result
 * @param temperature T > 0, see `softmaxTemperature`; default 1
 * @throws ShapeError; DataError on NaN, or if the highest logit of a row is infinite (others may be −∞); OptionError
 *   unless T is above 0
 */
export function softmaxProbabilities<T extends ScoreMatrix>(logits: T, temperature = 1): T {
  checkScoreMatrix('softmaxProbabilities', logits);
  checkNumber('softmaxProbabilities', 'temperature', temperature, { above: 0 });
  const { rows, columns } = logits;
  const scores = new Float32Array(rows * columns);
  const highest = new Int32Array(1);
  for (let row = 0; row < rows && columns > 0; row++) {
    highestClasses(logits, row, highest);
    checkHighest('softmaxProbabilities', logits, row, highest[0]);
    const start = row * columns;
    const largest = logits.scores[start + highest[0]];
    let sum = 0;
    for (let at = start; at < start + columns; at++) sum += Math.exp((logits.scores[at] - largest) / temperature);
    for (let at = start; at < start + columns; at++) {
      scores[at] = Math.exp((logits.scores[at] - largest) / temperature) / sum;
    }
  }
  return { ...logits, scores };
}
