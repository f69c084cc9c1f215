import { checkClassLabels, checkHighest } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { highestClasses } from '../ranking/highest-classes.ts';

/** Of images of one class each; fractions, over the classes that any image is of. */
export interface ClassAccuracyReport {
  /** Images whose highest class is theirs. */
  readonly accuracy: number;
  /** Mean of the accuracies of the classes. */
  readonly meanAccuracy: number;
  /** Mean of the F1 of the classes, which is 0 of one that is never found. */
  readonly macroF1: number;
  /** Accuracy of the worst class. */
  readonly worstAccuracy: number;
  /** Of the accuracies, each taken for at least 0.00001. */
  readonly harmonicMean: number;
  /** Of the accuracies; 0 if one of them is. */
  readonly geometricMean: number;
  /** [C] NaN of a class that no image is of. */
  readonly perClass: Float64Array;
}

/** What an accuracy counts as in the harmonic mean, at least. */
const floor = 1e-5;

/**
 * How evenly the classes are found, for images of one class each.
 *
 * @param scores [N, C]; of equal ones the lower class is taken
 * @param labels [N] the class of each image, 0 … C − 1
 * @returns NaN throughout without images
 * @throws ShapeError; DataError on NaN, a highest score that is infinite, or a label that is no class
 * Source: the evaluation of LIFT (ICML 2024), in percent there.
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
    // By logarithms a product of a thousand fractions does not come down to 0.
    geometricMean: Math.exp(meanOf(accuracies.map(Math.log))),
    perClass: found.map((value, c) => value / present[c]),
  };
}
