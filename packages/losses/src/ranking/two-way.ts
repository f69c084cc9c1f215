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

/** Options of {@link twoWayLoss}. */
export interface TwoWayLossOptions extends MaskedLossOptions<'mean'> {
  /** Temperature T₊ > 0 of the positives' logits, default 4. */
  readonly positiveTemperature?: number;
  /** Temperature T₋ > 0 of the negatives' logits, default 1. */
  readonly negativeTemperature?: number;
  /**
   * `classes` compares the images of each class, `images` the classes of each image; `both`, the default, adds the two.
   */
  readonly direction?: 'both' | 'classes' | 'images';
}

const directions = ['both', 'classes', 'images'] as const;

/**
 * Two-way multi-label loss, in nats: ranks positives above negatives among the classes of each image, and among the
 * images of each class.
 *
 *     u = T₋·log Σ_{negatives} e^{x/T₋} + T₊·log Σ_{positives} e^{−x/T₊}   for each line
 *     ℓ = mean of softplus(u) over the rows with a positive + the same over the columns
 *
 * A line is a row (an image) or a column (a class) of the batch.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar; `mean` is the only reduction, because classes are compared within the batch
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: a line with positives only costs 0 and counts in the mean; a line without positives does not count. A
 * batch without positives gives 0. The value depends on which images are in the batch together.
 * Source: Kobayashi, CVPR 2023, and the released code. The code adds −100 to leave out entries; here they are left out
 * exactly.
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

/** The losses of the lines, each divided by the number of lines of its direction that have a positive. */
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
  /** The log-sum-exp; a meaningless finite number where no entry is marked. */
  readonly value: tf.Tensor2D;
  /** 1 where an entry is marked. */
  readonly any: tf.Tensor2D;
  /** [B, C] the softmax over the marked entries. */
  readonly softmax: tf.Tensor2D;
}

/** The log-sum-exp of the marked entries along an axis. */
function logSumExp(s: tf.Tensor2D, marks: tf.Tensor2D, axis: number): MaskedSoftmax {
  const marked = tf.where(tf.cast(marks, 'bool'), s, tf.fill(s.shape, -1e30));
  const max = tf.max(marked, axis, true);
  const exponentials = tf.mul<tf.Tensor2D>(marks, tf.exp(tf.sub(marked, max)));
  const any = tf.max<tf.Tensor2D>(marks, axis, true);
  // 1 where no entry is marked.
  const sum = tf.add(tf.sum(exponentials, axis, true), tf.sub(1, any));
  return { value: tf.add(max, tf.log(sum)), any, softmax: tf.div(exponentials, sum) };
}
