import type { FrequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import { checkClassLabels, checkHighest } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { highestClasses } from '../ranking/highest-classes.ts';

/** Accuracy over the images of a group of classes. */
export interface GroupAccuracy {
  /** A fraction; null if no image belongs to the group. */
  readonly top1: number | null;
  /** Images of the group. */
  readonly images: number;
}

/** Accuracy of images with one class each, of all classes and by shot. */
export interface ShotAccuracy {
  /** Images whose highest class is theirs, a fraction. */
  readonly top1: number;
  /** Images with their class among the five highest, or among all if there are fewer. */
  readonly top5: number;
  /** Mean cross-entropy of the softmax, in nats. */
  readonly crossEntropy: number;
  /** Many-shot, medium-shot and few-shot classes. */
  readonly head: GroupAccuracy;
  readonly medium: GroupAccuracy;
  readonly tail: GroupAccuracy;
  /** [N] highest class of each image, of equal scores the lower. */
  readonly predictions: Int32Array;
}

/**
 * Top-1 by shot, for images of one class each.
 *
 * @param logits [N, C]
 * @param labels [N] the class of each image, 0 … C − 1
 * @param groups classes by training frequency; the published borders of ImageNet-LT, many over 100 and few under 20, are
 *   `frequencyGroups(counts, { headFrom: 101 })`
 * @returns without images NaN, and null of the groups
 * @throws ShapeError; DataError on NaN, a highest logit that is infinite (others may be −∞) or a label that is no class
 * Source: DSCL (AAAI 2024), whose code prints 0 for a group without images.
 */
export function shotAccuracy(logits: ScoreMatrix, labels: ArrayLike<number>, groups: FrequencyGroups): ShotAccuracy {
  checkScoreMatrix('shotAccuracy', logits);
  checkClassLabels('shotAccuracy', logits, labels);
  checkGroups('shotAccuracy', 'groups', groups, logits.columns);
  const { rows, columns } = logits;
  const highest = new Int32Array(Math.min(5, columns));
  const predictions = new Int32Array(rows);
  let inTop5 = 0;
  let crossEntropy = 0;
  for (let row = 0; row < rows; row++) {
    highestClasses(logits, row, highest);
    predictions[row] = highest[0];
    checkHighest('shotAccuracy', logits, row, highest[0]);
    if (highest.includes(labels[row])) inTop5++;
    crossEntropy += rowCrossEntropy(logits, row, labels[row], highest[0]);
  }
  const accuracyOf = (classes?: readonly number[]): GroupAccuracy => {
    const members = classes && new Set(classes);
    const images = Array.from(predictions.keys()).filter((row) => !members || members.has(labels[row]));
    const correct = images.filter((row) => predictions[row] === labels[row]).length;
    return { top1: images.length > 0 ? correct / images.length : null, images: images.length };
  };
  return {
    top1: accuracyOf().top1 ?? Number.NaN,
    top5: inTop5 / rows,
    crossEntropy: crossEntropy / rows,
    head: accuracyOf(groups.head),
    medium: accuracyOf(groups.medium),
    tail: accuracyOf(groups.tail),
    predictions,
  };
}

/** log Σ exp(z) − z_label, with the highest logit taken out so that nothing overflows. */
function rowCrossEntropy({ scores, columns }: ScoreMatrix, row: number, label: number, highest: number): number {
  const start = row * columns;
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += Math.exp(scores[start + c] - scores[start + highest]);
  return Math.log(sum) + scores[start + highest] - scores[start + label];
}
