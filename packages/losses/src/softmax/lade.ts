import { checkChoice, checkNumber } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type LossOptions } from '../core/checks.ts';
import { type LossForms, type Rows, rowLoss } from '../core/closed-form.ts';
import { findLossKernel } from '../core/loss-kernel.ts';
import { remembered } from '../weights/remembered.ts';
import { type ClassFrequencies, classShares } from '../weights/statistics.ts';
import { ladeRegularizerPass } from './lade-on-host.ts';
import { softmaxRowForms } from './softmax-rows.ts';

/** Options of {@link ladeRegularizer}. */
export interface LadeRegularizerOptions extends LossOptions<'mean'> {
  /** λ ≥ 0, weight of the squared term, default 0.1 (CIFAR); the authors use 0.5 for ImageNet-LT. */
  readonly lambda?: number;
}

/** Options of {@link ladeLoss}. */
export interface LadeLossOptions extends LadeRegularizerOptions {
  /**
   * α ≥ 0, weight of the regulariser, default 0.1 (CIFAR). The authors use 0.05 for ImageNet-LT and iNaturalist, 0.005
   * for Places-LT.
   */
  readonly alpha?: number;
}

/** Smallest share of a class, which keeps its logarithm finite, as in the authors' code. */
export const shareFloor = 1e-9;

/**
 * LADE, for data sets with one label per image, in nats: cross-entropy of x + log π, plus a regulariser that removes
 * the class prior from x.
 *
 *     L = mean of −log softmax(x + log π)_y + α·R,  π = n/Σ n,  R = ladeRegularizer
 *
 * At test time, x scores classes that are equally frequent. For known test shares π', use x + log π'.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] one 1 in each row
 * @param statistics class counts of the training set; n_i may be 0
 * @returns a scalar; `mean` is the only reduction
 * @throws DataError on negative counts, and on labels other than 0 and 1; OptionError, ShapeError
 * Source: Hong et al., CVPR 2021, and their code, where every image of a batch has the weight of the class in question.
 */
export function ladeLoss(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: LadeLossOptions = {},
): tf.Scalar {
  const where = 'ladeLoss';
  const { alpha = 0.1 } = options;
  const { shares, logShares } = checkLade(where, logits, labels, statistics, options, ['lambda', 'alpha']);
  checkNumber(where, 'options.alpha', alpha, { min: 0 });
  return computeLoss({ logits, labels, known: undefined }, ({ logits: x, labels: y }) => {
    const entropy = rowLoss([x], softmaxRowForms(x, y, logShares), { reduction: 'mean' });
    return tf.add(entropy, regularizer(x, y, { shares, logShares }, options, alpha));
  });
}

/**
 * The regulariser of {@link ladeLoss}: the Donsker–Varadhan estimate of a log-ratio for each class.
 *
 *     a_c = mean of x_c over the images of class c
 *     s_c = log mean_b e^{x_bc} − log π_c + log 1/C
 *     R = −Σ_c π_c·(a_c − s_c − λ·s_c²)
 *
 * Parameters, result and errors: {@link ladeLoss}. Edge cases: a class that no image of the batch has gives a_c = 0.
 */
export function ladeRegularizer(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: LadeRegularizerOptions = {},
): tf.Scalar {
  const terms = checkLade('ladeRegularizer', logits, labels, statistics, options, ['lambda']);
  return computeLoss({ logits, labels, known: undefined }, ({ logits: x, labels: y }) =>
    regularizer(x, y, terms, options),
  );
}

function checkLade(
  where: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: LadeRegularizerOptions,
  own: readonly string[],
): Shares {
  const { C } = checkLossArguments(where, logits, labels, options, { own });
  const { reduction = 'mean', lambda = 0.1 } = options;
  checkChoice(where, 'options.reduction', reduction, ['mean']);
  checkNumber(where, 'options.lambda', lambda, { min: 0 });
  return remembered(statistics, `LADE ${C}`, () => {
    const shares = Float32Array.from(classShares(where, statistics, C));
    return { shares, logShares: shares.map((share) => Math.log(share + shareFloor)) };
  });
}

/** π of each class, and its logarithm. */
interface Shares {
  readonly shares: Float32Array;
  readonly logShares: Float32Array;
}

function regularizer(
  x: tf.Tensor2D,
  labels: tf.Tensor2D,
  { shares, logShares }: Shares,
  { lambda = 0.1 }: LadeRegularizerOptions,
  factor: number = 1,
): tf.Scalar {
  const [B, C] = x.shape;
  const constant = logShares.map((logShare) => Math.log(1 / C + shareFloor) - logShare - Math.log(B));
  const row = (values: Float32Array): tf.Tensor2D => tf.tensor2d(values, [1, C]);
  const kernel = findLossKernel('ltml/LadeRegularizer');
  const forms: LossForms<tf.Tensor1D> = {
    compose: () => regularizerRows(x, labels, row(shares), row(constant), lambda),
    byKernel:
      kernel &&
      ((scale) => kernel({ logits: x, labels, shares: row(shares), constant: row(constant), scale }, { lambda })),
    onHost: ([byLogit], scale) => ladeRegularizerPass(x, labels, { shares, constant, lambda }, byLogit, scale),
  };
  return rowLoss([x], forms, { reduction: 'sum', factor });
}

/** The terms of R for each class, and their derivatives −π·(y/m − (1 + 2λs)·softmax over the batch). */
function regularizerRows(
  x: tf.Tensor2D,
  labels: tf.Tensor2D,
  shares: tf.Tensor2D,
  constant: tf.Tensor2D,
  lambda: number,
): Rows {
  const max = tf.max(x, 0, true);
  const exponentials = tf.exp(tf.sub(x, max));
  const sum = tf.sum(exponentials, 0, true);
  const s = tf.add(tf.add(tf.log(sum), max), constant);
  const target = tf.div(labels, tf.add(tf.sum(labels, 0, true), 1e-8));
  const a = tf.sum(tf.mul(target, x), 0, true);
  const value = tf.mul(shares, tf.sub(tf.add(s, tf.mul(lambda, tf.square(s))), a));
  const steep = tf.div(tf.add(tf.mul(s, 2 * lambda), 1), sum);
  return {
    value: tf.reshape<tf.Rank.R1>(value, [-1]),
    derivatives: [tf.mul<tf.Tensor2D>(shares, tf.sub(tf.mul(exponentials, steep), target))],
  };
}
