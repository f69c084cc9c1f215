import { checkScores, type Scores } from '../core/scores.ts';
import { harmonicMean, ratio } from '../threshold/precision-recall.ts';
import { checkTopK, highestClasses } from './highest-classes.ts';

/** Fractions, over the labels of all images together (micro). */
export interface PrecisionRecallAtK {
  /** P = TP / (k·N) */
  readonly precision: number;
  /** R = TP / all known positives */
  readonly recall: number;
  /** F1, the harmonic mean of P and R; 0 where both are. */
  readonly f1: number;
}

/**
 * P@k, R@k and F1@k: of each image the k classes with the highest scores count as predicted.
 *
 * A predicted class that is not annotated counts as wrong, and an image without positives counts in P. Of equal scores
 * the lower class is taken.
 *
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ C
 * Source: the NUS-WIDE protocol of MKT (AAAI 2023) with k of 3 and 5; its code gives NaN where F1 is 0/0.
 */
export function precisionRecallAtK(scores: Scores, k: number): PrecisionRecallAtK {
  checkScores('precisionRecallAtK', scores);
  checkTopK('precisionRecallAtK', 'k', k, scores.columns);
  const { correct, positives } = countHighest(scores, k);
  const precision = ratio(correct, k * scores.rows);
  const recall = ratio(correct, positives);
  return { precision, recall, f1: harmonicMean(precision, recall) };
}

/**
 * Share of the annotated classes among the k highest of each image that are present: what the released code of Wu et al.
 * (ECCV 2020) logs while it trains.
 *
 * @returns a fraction; 1 if none of them is annotated
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ C
 */
export function topKLabelAccuracy(scores: Scores, k: number): number {
  checkScores('topKLabelAccuracy', scores);
  checkTopK('topKLabelAccuracy', 'k', k, scores.columns);
  const { correct, annotated } = countHighest(scores, k);
  return annotated === 0 ? 1 : correct / annotated;
}

/** Of the k highest classes of all images: those present and those annotated. And all known positives. */
function countHighest(scores: Scores, k: number): { correct: number; annotated: number; positives: number } {
  const { rows, columns, present, known } = scores;
  const highest = new Int32Array(k);
  let correct = 0;
  let annotated = 0;
  let positives = 0;
  for (let row = 0; row < rows; row++) {
    highestClasses(scores, row, highest);
    for (const c of highest) {
      const isKnown = known?.[row * columns + c] ?? 1;
      annotated += isKnown;
      correct += isKnown & present[row * columns + c];
    }
    for (let at = row * columns; at < (row + 1) * columns; at++) positives += present[at] & (known?.[at] ?? 1);
  }
  return { correct, annotated, positives };
}
