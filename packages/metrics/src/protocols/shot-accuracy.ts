import type { FrequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import { checkClassLabels, checkHighest } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { highestClasses } from '../ranking/highest-classes.ts';

/** Accuracy over the images of a group of classes. */
export interface GroupAccuracy {
  /** A fraction; null if the group has no images. */
  readonly top1: number | null;
  /** Number of images in the group. */
  readonly images: number;
}

/** Accuracies for data with one class per image, overall and by frequency group. */
export interface ShotAccuracy {
  /** Share of the images whose highest-scoring class is their own. */
  readonly top1: number;
  /** Share of the images whose class is among the five highest; with fewer than five classes among all. */
  readonly top5: number;
  /** Mean cross-entropy of the softmax, in nats. */
  readonly crossEntropy: number;
  /** Accuracy over the images of the head, medium and tail classes (many, medium and few shot in the literature). */
  readonly head: GroupAccuracy;
  /** As `head`, for the medium classes. */
  readonly medium: GroupAccuracy;
  /** As `head`, for the tail classes. */
  readonly tail: GroupAccuracy;
  /** [N] the highest-scoring class of each image; of equal scores the lower index. */
  readonly predictions: Int32Array;
}

/**
 * Top-1 and top-5 accuracy by frequency group, for data with one class per image.
 *
 * @param logits [N, C]
 * @param labels [N] the class index of each image, 0 … C − 1
 * @param groups classes by training frequency. For the published borders of ImageNet-LT (many above 100 images, few
 *   below 20) use `frequencyGroups(counts, { headFrom: 101 })`
 * @returns NaN without images, and null for a group without images
 * @throws ShapeError; DataError on NaN, a highest logit that is infinite (others may be −∞), or a label that is not a
 *   class index
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

/** log Σ exp(z) − z_label; the highest logit is subtracted so that nothing overflows. */
function rowCrossEntropy({ scores, columns }: ScoreMatrix, row: number, label: number, highest: number): number {
  const start = row * columns;
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += Math.exp(scores[start + c] - scores[start + highest]);
  return Math.log(sum) + scores[start + highest] - scores[start + label];
}
