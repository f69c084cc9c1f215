import { checkChoice, checkNumber } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { type LossForms, type Rows, rowLoss } from '../core/closed-form.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import { type TwoWayTerms, twoWayPass } from './two-way-on-host.ts';

export interface TwoWayLossOptions extends MaskedLossOptions<'mean'> {
  /** T₊ > 0, over which the logits of positives are spread, default 4. */
  readonly positiveTemperature?: number;
  /** T₋ > 0, default 1. */
  readonly negativeTemperature?: number;
  /** `classes` compares the images of a class, `images` the classes of an image; `both`, the default, adds the two. */
  readonly direction?: 'both' | 'classes' | 'images';
}

const directions = ['both', 'classes', 'images'] as const;

/**
 * Two-way multi-label loss: positives above negatives, among the classes of each image and among the images of each class,
 * in nats.
 *
 *     u = T₋·log Σ_{negatives} e^{x/T₋} + T₊·log Σ_{positives} e^{−x/T₊}  of a line: an image, or a class in the batch
 *     ℓ = mean of softplus(u) over the lines with a positive, of images and of classes, added up
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar; there is no other reduction than `mean`, since classes are compared within the batch
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see {@link checkLabelTensor}
 *
 * Edge cases: a line of positives alone costs 0 and counts in the mean; one without positives does not count. Without any
 * positive the loss is 0. Its value depends on which images come together in a batch.
 * Source: Kobayashi, CVPR 2023, and the released code; that shuts entries out by −100, we do so exactly.
 */
export function twoWayLoss(logits: tf.Tensor2D, labels: tf.Tensor2D, options: TwoWayLossOptions = {}): tf.Scalar {
  const where = 'twoWayLoss';
  const own = ['known', 'positiveTemperature', 'negativeTemperature', 'direction'];
  checkLossArguments(where, logits, labels, options, { own });
  const { reduction = 'mean', positiveTemperature = 4, negativeTemperature = 1, direction = 'both' } = options;
  checkChoice(where, 'options.reduction', reduction, ['mean']);
  checkChoice(where, 'options.direction', direction, directions);
  checkNumber(where, 'options.positiveTemperature', positiveTemperature, { above: 0 });
  checkNumber(where, 'options.negativeTemperature', negativeTemperature, { above: 0 });
  const [classes, images] = [direction !== 'images', direction !== 'classes'];
  const terms = { positiveTemperature, negativeTemperature, classes, images };
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const forms: LossForms<tf.Tensor1D> = {
      compose: () => twoWayLines(tensors, terms),
      byKernel: twoWayKernel(tensors, terms),
      onHost: ([byLogit], scale) => twoWayPass(tensors, terms, byLogit, scale),
    };
    return rowLoss([tensors.logits], forms, { reduction: 'sum' });
  });
}

function twoWayKernel({ logits, labels, known }: LossTensors, terms: TwoWayTerms): KernelPass | undefined {
  const kernel = findLossKernel('ltml/TwoWayLoss');
  if (!kernel) return undefined;
  const attributes = { ...terms, classes: Number(terms.classes), images: Number(terms.images) };
  return (scale) => kernel({ logits, labels, known: known ?? tf.ones([1, 1]), scale }, attributes);
}

/** The losses of the lines, each over the number of lines with a positive of its direction. */
function twoWayLines({ logits, labels, known }: LossTensors, terms: TwoWayTerms): Rows {
  const { positiveTemperature, negativeTemperature } = terms;
  const x = knownLogits(logits, known);
  const positive = known ? tf.mul<tf.Tensor2D>(labels, known) : labels;
  const negative = tf.sub<tf.Tensor2D>(known ?? 1, positive);
  const parts = [...(terms.classes ? [0] : []), ...(terms.images ? [1] : [])].map((axis) => {
    const low = logSumExp(tf.div(x, negativeTemperature), negative, axis);
    const high = logSumExp(tf.div(x, -positiveTemperature), positive, axis);
    const count = tf.maximum(tf.sum(high.any), 1);
    const counted = tf.mul(low.any, high.any);
    const u = tf.mul(
      counted,
      tf.add(tf.mul(low.value, negativeTemperature), tf.mul(high.value, positiveTemperature)),
    ) as tf.Tensor2D;
    const share = tf.div(tf.mul(counted, tf.sigmoid(u)), count);
    return {
      value: tf.reshape<tf.Rank.R1>(tf.div(tf.mul(counted, tf.softplus(u)), count), [-1]),
      derivative: tf.mul<tf.Tensor2D>(share, tf.sub(low.softmax, high.softmax)),
    };
  });
  return {
    value: tf.concat1d(parts.map(({ value }) => value)),
    derivatives: [parts.map(({ derivative }) => derivative).reduce((a, b) => tf.add(a, b))],
  };
}

interface MaskedSoftmax {
  /** Finite, and of no meaning where there is nothing to sum. */
  readonly value: tf.Tensor2D;
  /** 1 where there is something to sum. */
  readonly any: tf.Tensor2D;
  /** [B, C] */
  readonly softmax: tf.Tensor2D;
}

/** The log-sum-exp along an axis over what is marked. */
function logSumExp(s: tf.Tensor2D, marks: tf.Tensor2D, axis: number): MaskedSoftmax {
  const marked = tf.where(tf.cast(marks, 'bool'), s, tf.fill(s.shape, -1e30));
  const max = tf.max(marked, axis, true);
  const exponentials = tf.mul<tf.Tensor2D>(marks, tf.exp(tf.sub(marked, max)));
  const any = tf.max<tf.Tensor2D>(marks, axis, true);
  // 1 where there is nothing.
  const sum = tf.add(tf.sum(exponentials, axis, true), tf.sub(1, any));
  return { value: tf.add(max, tf.log(sum)), any, softmax: tf.div(exponentials, sum) };
}
