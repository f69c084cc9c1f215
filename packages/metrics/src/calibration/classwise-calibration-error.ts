import { classColumns } from '../core/class-columns.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { type CalibrationOptions, checkBins, checkProbabilities } from './check-probabilities.ts';
import { BinCounter, meanGap } from './reliability-bins.ts';

/** Calibration errors of the classes; fractions. */
export interface ClasswiseCalibrationError {
  /** Mean over the classes that have a known label. */
  readonly expected: number;
  /** [C] ECE of each class; 0 for a class without known labels. */
  readonly perClass: Float64Array;
  /** [C] number of known labels. */
  readonly known: Int32Array;
}

/**
 * Expected calibration error of each class separately, and their mean. Rare classes count as much as frequent ones.
 *
 * @param probabilities [N, C] with their labels, for multi-label data (each class present or absent independently)
 * @throws ShapeError; DataError on scores outside [0, 1]; OptionError
 * Source: Kull et al. (NeurIPS 2019); only known labels count.
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
