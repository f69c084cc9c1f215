import { classColumns } from '../core/class-columns.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { type CalibrationOptions, checkBins, checkProbabilities } from './check-probabilities.ts';
import { BinCounter, meanGap } from './reliability-bins.ts';

/** Calibration error of each class, and their mean. */
export interface ClasswiseCalibrationError {
  /** Mean over the classes with a known label. */
  readonly expected: number;
  /** [C] ECE of each class; 0 for one without known labels. */
  readonly perClass: Float64Array;
  /** [C] known labels. */
  readonly known: Int32Array;
}

/**
 * Expected calibration error of each class by itself, and their mean: rare classes count as much as frequent ones.
 *
 * @param probabilities of classes that are present or not by themselves, with labels
 * @throws ShapeError; DataError on scores outside [0, 1]; OptionError
 * Source: Kull et al. (NeurIPS 2019), over known labels.
 */
export function classwiseCalibrationError(
  probabilities: Scores,
  options: CalibrationOptions = {},
): ClasswiseCalibrationError {
  const M = checkBins('classwiseCalibrationError', options);
  checkScores('classwiseCalibrationError', probabilities);
  checkProbabilities('classwiseCalibrationError', probabilities);
  const perClass = new Float64Array(probabilities.columns);
  const known = new Int32Array(probabilities.columns);
  for (const { index, scores, present } of classColumns(probabilities)) {
    const counter = new BinCounter(M);
    for (let i = 0; i < scores.length; i++) counter.add(scores[i], present[i]);
    perClass[index] = meanGap(counter.bins());
    known[index] = scores.length;
  }
  const counted = Array.from(perClass).filter((_, c) => known[c] > 0);
  return { expected: counted.reduce((sum, error) => sum + error, 0) / Math.max(counted.length, 1), perClass, known };
}
