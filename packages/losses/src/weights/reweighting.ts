import { checkChoice, checkLabelTensor, checkNumber, checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { asFloats } from '../core/checks.ts';
import { findLossKernel } from '../core/loss-kernel.ts';
import { type ClassFrequencies, checkedCounts, effectiveNumber, type FrequencyOptions } from './statistics.ts';

/** Options of the re-balanced weights r̂ = α + σ(β·(r − μ)), a smoothed form of r. */
export interface RebalanceOptions {
  /** α ≥ 0, the smallest weight; default 0.1, Wu et al. for both data sets. */
  readonly alpha?: number;
  /** β > 0, the steepness; default 10, Wu et al. for both data sets. */
  readonly beta?: number;
  /** μ, the value of r that gets the middle weight; default 0.2, Wu et al. for COCO-MLT (0.3 for VOC-MLT). */
  readonly mu?: number;
}

/** How the class-balanced weight of an image is computed from its positive classes. */
export type ClassBalancedMode = 'byClass' | 'averageN' | 'averageW' | 'minN';

/** Options of {@link classBalancedWeights}. */
export interface ClassBalancedOptions {
  /** β in [0, 1), default 0.9: the code of Wu et al. (Cui et al. tune it over 0.9, 0.99, 0.999, 0.9999). */
  readonly beta?: number;
  /**
   * E is the inverse effective number. `byClass`: class i gets the weight E(n_i). The other modes give one weight to an
   * image: `averageN` is E of the mean n of its positives, `averageW` the mean of their E(n), `minN` E of their
   * smallest n. Default `averageW`, as in the code of Wu et al.
   */
  readonly mode?: ClassBalancedMode;
}

const classBalancedModes: readonly ClassBalancedMode[] = ['byClass', 'averageN', 'averageW', 'minN'];

/** A rule that weights entries by the class counts of the training set; `by` names the rule. */
export type Reweighting =
  | { readonly by: 'none' }
  /** N/n_i for every entry of class i. */
  | { readonly by: 'inv' }
  /** √(N/n_i) for every entry of class i. */
  | { readonly by: 'sqrtInv' }
  | ({ readonly by: 'rebalance' } & RebalanceOptions)
  | ({ readonly by: 'classBalanced' } & ClassBalancedOptions);

/**
 * Σ_j y_j/n_j, how often class-aware sampling repeats an image: C times its probability P^I.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns [B], 0 for an image without positives
 * @throws DataError on labels other than 0 and 1, or if an n_i is not in [1, N]; OptionError, ShapeError
 * Source: Wu et al., ECCV 2020, equation 2.
 */
export function repeatRate(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: FrequencyOptions = {},
): tf.Tensor1D {
  checkOptionNames('repeatRate', options, ['clampCounts']);
  const counts = checkedLabels('repeatRate', labels, statistics, options);
  if (labels.size === 0) return tf.zeros([labels.shape[0]]);
  return tf.tidy(() => tf.squeeze(rateOf(asFloats(labels), counts), [1]));
}

/**
 * The re-balanced weights r̂ = α + σ(β·(r − μ)). Here r = (1/n_i) / Σ_j y_j/n_j is the wanted probability of an image
 * under class-aware sampling, divided by its actual probability. All weights are in (α, 1 + α); positives and negatives
 * follow the same rule.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns [B, C]; 1 + α in a row without positives, where r is infinite
 * @throws DataError on labels other than 0 and 1, or if an n_i is not in [1, N]; OptionError, ShapeError
 * Source: Wu et al., ECCV 2020, equations 3 and 4.
 */
export function rebalancedWeights(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  { clampCounts = false, ...options }: RebalanceOptions & FrequencyOptions = {},
): tf.Tensor2D {
  const where = 'rebalancedWeights';
  checkRebalance(where, 'options', options);
  const counts = checkedLabels(where, labels, statistics, { clampCounts });
  return tf.tidy(() => rebalance(asFloats(labels), counts, options));
}

/**
 * Class-balanced weights E(m) = (1 − β)/(1 − β^m): the inverse of the {@link effectiveNumber} of samples.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns [1, C] for `byClass`, else [B, 1]. An image without positives gets 1 − β, the limit for many samples
 * @throws DataError on labels other than 0 and 1, or if an n_i is not in [1, N]; OptionError, ShapeError
 * Source: Cui et al., CVPR 2019; the modes for several labels from the code of Wu et al., ECCV 2020, which gives NaN
 * for an image without positives in two of them.
 */
export function classBalancedWeights(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  { clampCounts = false, ...options }: ClassBalancedOptions & FrequencyOptions = {},
): tf.Tensor2D {
  const where = 'classBalancedWeights';
  checkClassBalanced(where, 'options', options);
  const counts = checkedLabels(where, labels, statistics, { clampCounts });
  return tf.tidy(() => balanceClasses(asFloats(labels), counts, options));
}

/**
 * The weights of a {@link Reweighting} rule; undefined for `none`.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @returns a tensor that broadcasts to [B, C]
 * @throws DataError on labels other than 0 and 1, or if an n_i is not in [1, N]; OptionError, ShapeError
 */
export function reweight(
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  rule: Reweighting,
  options: FrequencyOptions = {},
): tf.Tensor2D | undefined {
  checkReweighting('reweight', 'rule', rule);
  checkOptionNames('reweight', options, ['clampCounts']);
  if (rule.by === 'none') return undefined;
  const counts = checkedLabels('reweight', labels, statistics, options);
  return tf.tidy(() => weightsByRule(asFloats(labels), counts, statistics.trainCount, rule));
}

/**
 * {@link reweight} for arguments that are checked already.
 *
 * @param labels [B, C] float32
 */
export function weightsByRule(
  labels: tf.Tensor2D,
  counts: readonly number[],
  trainCount: number,
  rule: Exclude<Reweighting, { by: 'none' }>,
): tf.Tensor2D {
  switch (rule.by) {
    case 'rebalance':
      return rebalance(labels, counts, rule);
    case 'classBalanced':
      return balanceClasses(labels, counts, rule);
    case 'inv':
      return row(counts.map((n) => trainCount / n));
    case 'sqrtInv':
      return row(counts.map((n) => Math.sqrt(trainCount / n)));
  }
}

function rebalance(
  labels: tf.Tensor2D,
  counts: readonly number[],
  { alpha = 0.1, beta = 10, mu = 0.2 }: RebalanceOptions,
): tf.Tensor2D {
  if (labels.size === 0) return tf.zeros(labels.shape);
  const kernel = findLossKernel('ltml/RebalancedWeights');
  if (kernel) {
    const inputs = { labels, inverse: row(counts.map((n) => 1 / n)), scale: tf.scalar(1) };
    return kernel(inputs, { alpha, beta, mu })[1];
  }
  // A rate is at least 1/N, so the floor only affects rows without positives, where σ(β·r) is saturated.
  const rate = tf.maximum(rateOf(labels, counts), 1e-20);
  const scaled = tf.div(row(counts.map((n) => beta / n)), rate);
  return tf.add(tf.sigmoid(tf.sub(scaled, beta * mu)), alpha);
}

function balanceClasses(
  labels: tf.Tensor2D,
  counts: readonly number[],
  { beta = 0.9, mode = 'averageW' }: ClassBalancedOptions,
): tf.Tensor2D {
  const inverse = (n: number): number => 1 / effectiveNumber(n, beta);
  const limit = 1 - beta;
  if (mode === 'byClass') return row(counts.map(inverse));
  if (labels.size === 0) return tf.fill([labels.shape[0], 1], limit);
  if (mode === 'averageW') return meanOverPositives(labels, counts.map(inverse), limit);
  const n = mode === 'averageN' ? meanOverPositives(labels, counts, Infinity) : leastOverPositives(labels, counts);
  // 1 − β^n = −expm1(n·ln β), which keeps its digits where β is close to 1.
  return tf.div<tf.Tensor2D>(-limit, tf.expm1(tf.mul(n, Math.log(beta))));
}

/**
 * Checks a rule.
 *
 * @param argument the name of the rule in errors
 * @throws OptionError on an unknown rule, and on options that the rule does not have or that are out of range
 */
export function checkReweighting(where: string, argument: string, rule: Reweighting): void {
  const { by, ...options } = rule;
  checkChoice(where, `${argument}.by`, by, ['none', 'inv', 'sqrtInv', 'rebalance', 'classBalanced']);
  if (by === 'rebalance') checkRebalance(where, argument, options);
  else if (by === 'classBalanced') checkClassBalanced(where, argument, options);
  else checkOptionNames(where, options, []);
}

function checkRebalance(where: string, argument: string, options: RebalanceOptions): void {
  checkOptionNames(where, options, ['alpha', 'beta', 'mu']);
  const { alpha = 0.1, beta = 10, mu = 0.2 } = options;
  checkNumber(where, `${argument}.alpha`, alpha, { min: 0 });
  checkNumber(where, `${argument}.beta`, beta, { above: 0 });
  checkNumber(where, `${argument}.mu`, mu);
}

function checkClassBalanced(where: string, argument: string, options: ClassBalancedOptions): void {
  checkOptionNames(where, options, ['beta', 'mode']);
  const { beta = 0.9, mode = 'averageW' } = options;
  // At β = 1 the weights are 0/0.
  checkNumber(where, `${argument}.beta`, beta, { min: 0, below: 1 });
  checkChoice(where, `${argument}.mode`, mode, classBalancedModes);
}

function checkedLabels(
  where: string,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: FrequencyOptions,
): number[] {
  const { C } = checkShapes(where, { labels: [labels, 'B C'] });
  checkLabelTensor(where, 'labels', labels);
  return checkedCounts(where, statistics, C, 'N', options);
}

function rateOf(labels: tf.Tensor2D, counts: readonly number[]): tf.Tensor2D {
  return tf.matMul(labels, column(counts.map((n) => 1 / n)));
}

/** [B, 1] the mean of a class value over the positives of each image; `empty` for an image without positives. */
function meanOverPositives(labels: tf.Tensor2D, values: readonly number[], empty: number): tf.Tensor2D {
  const total = tf.matMul<tf.Tensor2D>(labels, column(values));
  const positives = tf.sum<tf.Tensor2D>(labels, 1, true);
  const mean = tf.div<tf.Tensor2D>(total, tf.maximum(positives, 1));
  return tf.where(tf.greater(positives, 0), mean, tf.fill(mean.shape, empty));
}

/** [B, 1] the smallest class value over the positives of each image; infinity for an image without positives. */
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
