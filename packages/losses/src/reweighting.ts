import { checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkNumber } from './checks.ts';
import { findLossKernel } from './loss-kernel.ts';
import { type ClassFrequencies, checkedCounts, effectiveNumber, type FrequencyOptions } from './statistics.ts';

/** Smooths the re-balanced weights: r̂ = α + σ(β·(r − μ)). */
export interface RebalanceOptions {
  /** α ≥ 0, the least weight; default 0.1, Wu et al. for both data sets. */
  readonly alpha?: number;
  /** β > 0, the steepness; default 10, Wu et al. for both data sets. */
  readonly beta?: number;
  /** μ, the r of the middle weight; default 0.2, Wu et al. for COCO-MLT (0.3 for VOC-MLT). */
  readonly mu?: number;
}

/** How the class-balanced weight of an image comes from its positive classes. */
export type ClassBalancedMode = 'byClass' | 'averageN' | 'averageW' | 'minN';

export interface ClassBalancedOptions {
  /** β in [0, 1), default 0.9: the code of Wu et al. (Cui et al. tune it over 0.9, 0.99, 0.999, 0.9999). */
  readonly beta?: number;
  /**
   * With E the inverse effective number: `byClass` weighs class i by E(n_i); `averageN` an image by E of the mean n of
   * its positives; `averageW`, the default of the code of Wu et al., by the mean of E(n); `minN` by E of the smallest n.
   */
  readonly mode?: ClassBalancedMode;
}

const classBalancedModes: readonly ClassBalancedMode[] = ['byClass', 'averageN', 'averageW', 'minN'];

/** A rule that weighs entries by the training frequencies, told by its name `by`. */
export type Reweighting =
  | { readonly by: 'none' }
  /** N/n_i for every entry of class i. */
  | { readonly by: 'inv' }
  /** √(N/n_i) for every entry of class i. */
  | { readonly by: 'sqrtInv' }
  | ({ readonly by: 'rebalance' } & RebalanceOptions)
  | ({ readonly by: 'classBalanced' } & ClassBalancedOptions);

/**
 * Σ_j y_j/n_j, the rate at which class-aware sampling repeats an image: C times its probability P^I.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns [B], 0 for an image without positives
 * Source: Wu et al., ECCV 2020, equation 2.
 */
export function repeatRate(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: FrequencyOptions = {},
): tf.Tensor1D {
  const counts = checkedLabels('repeatRate', labels, statistics, options);
  return tf.tidy(() => tf.squeeze(rateOf(labels, counts), [1]));
}

/**
 * The re-balanced weights r̂ = α + σ(β·(r − μ)) of r = (1/n_i) / Σ_j y_j/n_j: the wanted over the actual probability of
 * an image under class-aware sampling. In (α, 1 + α), for positives and negatives by the same rule.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns [B, C]; 1 + α in a row without positives, where r is infinite
 * @throws DataError if an n_i is not in [1, N]; OptionError, ShapeError
 * Source: Wu et al., ECCV 2020, equations 3 and 4.
 */
export function rebalancedWeights(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: RebalanceOptions & FrequencyOptions = {},
): tf.Tensor2D {
  const where = 'rebalancedWeights';
  checkRebalance(where, options);
  const { alpha = 0.1, beta = 10, mu = 0.2 } = options;
  const counts = checkedLabels(where, labels, statistics, options);
  const kernel = findLossKernel('ltml/RebalancedWeights');
  return tf.tidy(() => {
    if (kernel && labels.size > 0) {
      const inputs = {
        labels: tf.cast(labels, 'float32'),
        inverse: row(counts.map((n) => 1 / n)),
        scale: tf.scalar(1),
      };
      return kernel(inputs, { alpha, beta, mu })[1];
    }
    // A rate is at least 1/N, so the floor meets rows without positives only: there β·r is beyond where σ saturates.
    const rate = tf.maximum(rateOf(labels, counts), 1e-20);
    const scaled = tf.div(row(counts.map((n) => beta / n)), rate);
    return tf.add(tf.sigmoid(tf.sub(scaled, beta * mu)), alpha);
  });
}

/**
 * Class-balanced weights: E(m) = (1 − β)/(1 − β^m), the inverse of the {@link effectiveNumber} of samples.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns [1, C] for `byClass`, else [B, 1]; an image without positives weighs 1 − β, the limit for many samples
 * @throws DataError if an n_i is not in [1, N]; OptionError, ShapeError
 * Source: Cui et al., CVPR 2019; the modes for several labels from the code of Wu et al., ECCV 2020, which gives NaN
 * for an image without positives in two of them.
 */
export function classBalancedWeights(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: ClassBalancedOptions & FrequencyOptions = {},
): tf.Tensor2D {
  const where = 'classBalancedWeights';
  checkClassBalanced(where, options);
  const { beta = 0.9, mode = 'averageW' } = options;
  const counts = checkedLabels(where, labels, statistics, options);
  const inverse = (n: number): number => 1 / effectiveNumber(n, beta);
  const limit = 1 - beta;
  return tf.tidy(() => {
    if (mode === 'byClass') return row(counts.map(inverse));
    if (mode === 'averageW') return meanOverPositives(labels, counts.map(inverse), limit);
    const n = mode === 'averageN' ? meanOverPositives(labels, counts, Infinity) : leastOverPositives(labels, counts);
    // 1 − β^n = −expm1(n·ln β), which keeps its digits where β is close to 1.
    const power = tf.expm1(tf.mul(n, Math.log(beta)));
    return tf.div<tf.Tensor2D>(-limit, power);
  });
}

/**
 * The weights of a {@link Reweighting} rule, undefined for `none`.
 *
 * @returns broadcasts to [B, C]
 */
export function reweight(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  rule: Reweighting,
  options: FrequencyOptions = {},
): tf.Tensor2D | undefined {
  checkReweighting('reweight', rule);
  const { by, ...rest } = rule;
  switch (by) {
    case 'none':
      return undefined;
    case 'rebalance':
      return rebalancedWeights(labels, statistics, { ...rest, ...options });
    case 'classBalanced':
      return classBalancedWeights(labels, statistics, { ...rest, ...options });
    default: {
      const counts = checkedLabels('reweight', labels, statistics, options);
      const ratios = counts.map((n) => statistics.trainCount / n);
      return row(by === 'inv' ? ratios : ratios.map(Math.sqrt));
    }
  }
}

/** @throws OptionError on a rule that is not known, and on options that are not its own or out of their range */
export function checkReweighting(where: string, rule: Reweighting): void {
  const { by, ...options } = rule;
  checkChoice(where, 'reweight.by', by, ['none', 'inv', 'sqrtInv', 'rebalance', 'classBalanced']);
  if (by === 'rebalance') checkRebalance(where, options);
  else if (by === 'classBalanced') checkClassBalanced(where, options);
  else checkOptionNames(where, options, []);
}

function checkRebalance(where: string, options: RebalanceOptions): void {
  checkOptionNames(where, options, ['alpha', 'beta', 'mu', 'clampCounts']);
  const { alpha = 0.1, beta = 10, mu = 0.2 } = options;
  checkNumber(where, 'alpha', alpha, 0);
  checkNumber(where, 'beta', beta, Number.MIN_VALUE);
  checkNumber(where, 'mu', mu, -Number.MAX_VALUE);
}

function checkClassBalanced(where: string, options: ClassBalancedOptions): void {
  checkOptionNames(where, options, ['beta', 'mode', 'clampCounts']);
  const { beta = 0.9, mode = 'averageW' } = options;
  // At β = 1 the weights are 0/0.
  checkNumber(where, 'beta', beta, 0, 1 - Number.EPSILON);
  checkChoice(where, 'mode', mode, classBalancedModes);
}

function checkedLabels(
  where: string,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: FrequencyOptions,
): number[] {
  const { C } = checkShapes(where, { labels: [labels, 'B C'] });
  const { clampCounts } = options;
  return checkedCounts(where, statistics, C, 'N', clampCounts === undefined ? {} : { clampCounts });
}

function rateOf(labels: tf.Tensor2D, counts: readonly number[]): tf.Tensor2D {
  return tf.matMul(tf.cast(labels, 'float32'), column(counts.map((n) => 1 / n)));
}

/** [B, 1] the mean of a class value over the positives of each image, or `empty` where there are none. */
function meanOverPositives(labels: tf.Tensor2D, values: readonly number[], empty: number): tf.Tensor2D {
  const total = tf.matMul<tf.Tensor2D>(tf.cast(labels, 'float32'), column(values));
  const positives = tf.sum<tf.Tensor2D>(labels, 1, true);
  const mean = tf.div<tf.Tensor2D>(total, tf.maximum(positives, 1));
  return tf.where(tf.greater(positives, 0), mean, tf.fill(mean.shape, empty));
}

/** [B, 1] the least class value over the positives of each image, infinity where there are none. */
function leastOverPositives(labels: tf.Tensor2D, values: readonly number[]): tf.Tensor2D {
  const present = tf.where(
    tf.cast(labels, 'bool'),
    tf.mul(tf.onesLike(labels), row(values)),
    tf.fill(labels.shape, Infinity),
  );
  return tf.min(present, 1, true);
}

function row(values: readonly number[]): tf.Tensor2D {
  return tf.tensor2d([...values], [1, values.length]);
}

function column(values: readonly number[]): tf.Tensor2D {
  return tf.tensor2d([...values], [values.length, 1]);
}
