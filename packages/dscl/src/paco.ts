import { type ClassFrequencies, classShares } from '@ltml/losses';
import { checkNumber, checkOptionNames, checkShapes, checkWholeTensor, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature } from './contrastive-loss.ts';
import { atClass, denseContrast, itself, lossOfNothing, sameLabels } from './dense-contrast.ts';

/** Options of {@link pacoLoss}. */
export interface PacoOptions {
  /** α ≥ 0, weight of each key of the anchor's class. Default 0.05: ImageNet-LT. (0.01 for CIFAR-100-LT.) */
  readonly alpha?: number;
  /** β > 0, weight of the classifier's score. Default 1. */
  readonly beta?: number;
  /** γ > 0, weight of the keys in the denominator. Default 1. */
  readonly gamma?: number;
  /** τ > 0, temperature of the keys. Default 0.2. (0.05 for CIFAR-100-LT.) */
  readonly temperature?: number;
  /** T_sup > 0, temperature of the classifier's scores. Default 1. */
  readonly logitTemperature?: number;
}

/** Options of {@link gpacoLoss}. */
export interface GpacoOptions extends PacoOptions {
  /** α ≥ 0. Default 0.045: ImageNet-LT. */
  readonly alpha?: number;
  /** Label smoothing: the share of the classifier's target that is spread over the other classes. Default 0. */
  readonly smoothing?: number;
}

const ownOptions = ['alpha', 'beta', 'gamma', 'temperature', 'logitTemperature'];

/**
 * Parametric contrastive loss (PaCo), in nats, the mean over anchors: the scores of a classifier are further
 * candidates.
 *
 *     r_c = (x_c + log π_c) / T_sup,  s_j = f_i·f_j / τ,  Z = Σ_c e^{r_c} + γ·Σ_{j ≠ i} e^{s_j}
 *     ℓ = −(β·(r_y − log Z) + α·Σ_{j ≠ i of class y} (s_j − log Z)) / (β + α·|keys of class y|)
 *
 * Axes: A anchors, B images, C classes, D features, K queued keys.
 *
 * @param features [M, D] normalised query views, key views and queue, M = 2B + K; the first A are the anchors, A = B
 *   for PaCo
 * @param labels [M] class indices
 * @param logits [A, C] of the classifier, for the anchors
 * @param statistics class statistics of the training images; n_i can be 0
 * @returns a scalar; the logits and all rows of `features` get a gradient, so detach keys and queue yourself
 * @throws ShapeError, OptionError; DataError for a label outside the classes
 *
 * Edge cases: without anchors the loss is 0. The queue can be empty.
 *
 * Source: Cui et al., ICCV 2021, and their code.
 */
export function pacoLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  logits: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: PacoOptions = {},
): tf.Scalar {
  checkOptionNames('pacoLoss', options, ownOptions);
  return parametricContrast('pacoLoss', features, labels, logits, statistics, options);
}

/**
 * Generalised parametric contrastive loss (GPaCo). It differs from {@link pacoLoss} in two points: both views are
 * anchors, and the classifier's target can be smoothed.
 *
 * @param logits [A, C], A = 2B
 * @param statistics null: no class prior, for balanced training sets
 *
 * Source: Cui et al., TPAMI 2023, and their code.
 */
export function gpacoLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  logits: tf.Tensor2D,
  statistics: ClassFrequencies | null,
  options: GpacoOptions = {},
): tf.Scalar {
  const where = 'gpacoLoss';
  checkOptionNames(where, options, [...ownOptions, 'smoothing']);
  const { smoothing = 0, alpha = 0.045 } = options;
  checkNumber(where, 'options.smoothing', smoothing, { min: 0, max: 1 });
  return parametricContrast(where, features, labels, logits, statistics, { ...options, alpha }, smoothing);
}

function parametricContrast(
  where: string,
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  logits: tf.Tensor2D,
  statistics: ClassFrequencies | null,
  { alpha = 0.05, beta = 1, gamma = 1, temperature = 0.2, logitTemperature = 1 }: PacoOptions,
  smoothing: number = 0,
): tf.Scalar {
  checkShapes(where, { features: [features, 'M D'], labels: [labels, 'M'], logits: [logits, 'A C'] });
  checkNumber(where, 'options.alpha', alpha, { min: 0 });
  checkNumber(where, 'options.beta', beta, { above: 0 });
  checkNumber(where, 'options.gamma', gamma, { above: 0 });
  checkTemperature(where, temperature);
  checkTemperature(where, logitTemperature, 'options.logitTemperature');
  const [A, C] = logits.shape;
  const [M] = features.shape;
  checkWholeTensor(where, 'labels', labels, 0, C - 1);
  if (A > M) {
    const received = `${A}`;
    throw new OptionError({ where, argument: 'logits', expected: `at most M = ${M} anchors`, received });
  }
  if (smoothing > 0 && C < 2) {
    const received = `${smoothing} for one class`;
    throw new OptionError({ where, argument: 'options.smoothing', expected: '0', received });
  }
  const offsets = statistics && classShares(where, statistics, C).map((share) => Math.log(share + 1e-9));
  return tf.tidy(() => {
    if (logits.size === 0) return lossOfNothing(features, logits);
    const of = tf.slice(tf.cast(labels, 'int32'), [0], [A]) as tf.Tensor1D;
    const keys = tf.sub<tf.Tensor2D>(sameLabels(of, labels), itself(A, M, M));
    const ofClass = atClass(of, C);
    const spread = C > 1 ? smoothing / (C - 1) : 0;
    const target = tf.add<tf.Tensor2D>(tf.mul(ofClass, 1 - smoothing - spread), spread);
    const weights = tf.concat2d([tf.mul<tf.Tensor2D>(target, beta), tf.mul<tf.Tensor2D>(keys, alpha)], 1);
    const adjusted = offsets ? tf.add<tf.Tensor2D>(logits, tf.tensor2d(offsets, [1, C])) : logits;
    const losses = denseContrast({
      keys: features,
      temperature,
      scores: tf.div<tf.Tensor2D>(adjusted, logitTemperature),
      offsets: tf.concat2d([tf.zeros([A, C]), tf.fill([A, M], Math.log(gamma))], 1),
      targets: tf.div<tf.Tensor2D>(weights, tf.sum(weights, 1, true)),
    });
    return tf.mean<tf.Scalar>(losses);
  });
}
