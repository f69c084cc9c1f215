import { checkClassLabels } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { highestClasses } from '../ranking/highest-classes.ts';
import type { CalibrationError } from './calibration-error.ts';
import { type CalibrationOptions, checkBins, checkProbabilities } from './check-probabilities.ts';
import { BinCounter, largestGap, meanGap } from './reliability-bins.ts';

/**
 * Expected calibration error of the most likely class of each image, for data with one class per image. Of equal
 * probabilities the lower class index counts.
 *
 * @param probabilities [N, C]
 * @param labels [N] the class index of each image, 0 … C − 1
 * @returns 0 without images
 * @throws ShapeError; DataError on scores outside [0, 1] and on labels that are not a class index; OptionError
 * Source: Guo et al. (ICML 2017); their code ignores a probability of 0.
 */
export function top1CalibrationError(
  probabilities: ScoreMatrix,
  labels: ArrayLike<number>,
  options: CalibrationOptions = {},
): CalibrationError {
  const M = checkBins('top1CalibrationError', options);
  checkScoreMatrix('top1CalibrationError', probabilities);
  checkProbabilities('top1CalibrationError', probabilities);
  checkClassLabels('top1CalibrationError', probabilities, labels);
  const { rows, columns, scores } = probabilities;
  const counter = new BinCounter(M);
  const highest = new Int32Array(1);
  for (let row = 0; row < rows; row++) {
    highestClasses(probabilities, row, highest);
    counter.add(Math.fround(scores[row * columns + highest[0]]), highest[0] === labels[row] ? 1 : 0);
  }
  const bins = counter.bins();
  return { expected: meanGap(bins), maximum: largestGap(bins), bins };
}
