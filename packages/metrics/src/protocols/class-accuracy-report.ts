import { checkClassLabels, checkHighest } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { highestClasses } from '../ranking/highest-classes.ts';

/** Accuracies for data with one class per image; fractions, over the classes that have at least one image. */
export interface ClassAccuracyReport {
  /** Share of the images whose highest-scoring class is their own. */
  readonly accuracy: number;
  /** Mean of the class accuracies. */
  readonly meanAccuracy: number;
  /** Mean of the class F1; a class that is never predicted correctly has F1 0. */
  readonly macroF1: number;
  /** Accuracy of the worst class. */
  readonly worstAccuracy: number;
  /** Harmonic mean of the class accuracies, each raised to at least 0.00001. */
  readonly harmonicMean: number;
  /** Geometric mean of the class accuracies; 0 if one of them is 0. */
  readonly geometricMean: number;
  /** [C] accuracy of each class; NaN for a class without images. */
  readonly perClass: Float64Array;
}

/** The lowest accuracy that the harmonic mean uses. */
const floor = 1e-5;

/**
 * How accurate each class is and how even the classes are, for data with one class per image.
 *
 * @param scores [N, C]; of equal scores the lower class index counts
 * @param labels [N] the class index of each image, 0 … C − 1
 * @returns NaN in every field if there are no images
 * @throws ShapeError; DataError on NaN, a highest score that is infinite, or a label that is not a class index
 * Source: the evaluation of LIFT (ICML 2024), which prints percent.
 */
export function classAccuracyReport(scores: ScoreMatrix, labels: ArrayLike<number>): ClassAccuracyReport {
  checkScoreMatrix('classAccuracyReport', scores);
  checkClassLabels('classAccuracyReport', scores, labels);
  const { rows, columns } = scores;
  const [found, predicted, present] = [0, 1, 2].map(() => new Float64Array(columns));
  const highest = new Int32Array(1);
  for (let row = 0; row < rows; row++) {
    highestClasses(scores, row, highest);
    checkHighest('classAccuracyReport', scores, row, highest[0]);
    present[labels[row]]++;
    predicted[highest[0]]++;
    if (highest[0] === labels[row]) found[labels[row]]++;
  }
  const classes = Array.from(present.keys()).filter((c) => present[c] > 0);
  const accuracies = classes.map((c) => found[c] / present[c]);
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    accuracy: found.reduce((sum, value) => sum + value, 0) / rows,
    meanAccuracy: meanOf(accuracies),
    macroF1: meanOf(classes.map((c) => (2 * found[c]) / (predicted[c] + present[c]))),
    worstAccuracy: classes.length === 0 ? Number.NaN : accuracies.reduce((worst, value) => Math.min(worst, value)),
    harmonicMean: 1 / meanOf(accuracies.map((value) => 1 / Math.max(value, floor))),
    // Logarithms keep a product of a thousand fractions from underflowing to 0.
    geometricMean: Math.exp(meanOf(accuracies.map(Math.log))),
    perClass: found.map((value, c) => value / present[c]),
  };
}
