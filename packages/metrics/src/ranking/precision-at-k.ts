import { checkScores, type Scores } from '../core/scores.ts';
import { harmonicMean, ratio } from '../threshold/precision-recall.ts';
import { checkTopK, highestClasses } from './highest-classes.ts';

/** Precision and recall over the labels of all images together (micro); fractions. */
export interface PrecisionRecallAtK {
  /** P = TP / (k·N) */
  readonly precision: number;
  /** R = TP / all known positives */
  readonly recall: number;
  /** F1, the harmonic mean of P and R; 0 if both are 0. */
  readonly f1: number;
}

/**
 * P@k, R@k and F1@k: the k highest-scoring classes of each image count as predicted.
 *
 * A predicted class whose label is unknown counts as wrong, and an image without positives counts in P. Of equal scores
 * the lower class index is taken.
 *
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ C
 * Source: the NUS-WIDE protocol of MKT (AAAI 2023), with k = 3 and 5; its code gives NaN if F1 is 0/0.
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
 * Of each image's k highest-scoring classes: the share that is present, counting known labels only. The released code
 * of Wu et al. (ECCV 2020) logs it in training.
 *
 * @returns a fraction; 1 if none of these labels is known
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ C
 */
export function topKLabelAccuracy(scores: Scores, k: number): number {
  checkScores('topKLabelAccuracy', scores);
  checkTopK('topKLabelAccuracy', 'k', k, scores.columns);
  const { correct, annotated } = countHighest(scores, k);
  return annotated === 0 ? 1 : correct / annotated;
}

/** Counts over the k highest classes of all images: present and known. Also counts all known positives. */
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
