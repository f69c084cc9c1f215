import { checkScores, type Scores } from '../core/scores.ts';
import { type CalibrationOptions, checkBins, checkProbabilities } from './check-probabilities.ts';
import { BinCounter, largestGap, meanGap, type ReliabilityBin } from './reliability-bins.ts';

/** How far predicted probabilities are from the observed frequencies; fractions. */
export interface CalibrationError {
  /** ECE = Σ_bins count/total · |frequency − mean probability|. */
  readonly expected: number;
  /** MCE, the largest of these gaps. */
  readonly maximum: number;
  /** [M] for a reliability diagram. */
  readonly bins: readonly ReliabilityBin[];
}

/**
 * Expected calibration error over all classes together. Each known label of each image is one prediction.
 *
 * @param probabilities [N, C] with their labels, for multi-label data (each class present or absent independently)
 * @returns 0 if no label is known
 * @throws ShapeError; DataError on scores outside [0, 1]; OptionError
 * Source: Naeini et al. (AAAI 2015), Guo et al. (ICML 2017).
 */
export function expectedCalibrationError(probabilities: Scores, options: CalibrationOptions = {}): CalibrationError {
  const M = checkBins('expectedCalibrationError', options);
  checkScores('expectedCalibrationError', probabilities);
  checkProbabilities('expectedCalibrationError', probabilities);
  const { scores, present, known } = probabilities;
  const counter = new BinCounter(M);
  for (let at = 0; at < scores.length; at++) {
    if (!known || known[at] === 1) counter.add(Math.fround(scores[at]), present[at]);
  }
  const bins = counter.bins();
  return { expected: meanGap(bins), maximum: largestGap(bins), bins };
}
