import { checkChoice, checkFlag, checkNumber, checkOptionNames, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  asFloats,
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { entryLoss, product } from '../core/closed-form.ts';
import { power } from '../core/power.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { checkReweighting, type Reweighting, weightsByRule } from '../weights/reweighting.ts';
import { normalizeOnHost, weightsOnHost } from '../weights/reweighting-on-host.ts';
import {
  type ClassFrequencies,
  checkedCounts,
  checkTolerance,
  type FrequencyOptions,
  type NegativeTolerance,
  negativeTolerantShift,
} from '../weights/statistics.ts';
import { entropyOf, type HostLogisticTerms, type LogisticTerms, logisticForms, signedLogits } from './logistic.ts';

/** The focal factor balance·(1 − p_t)^γ of {@link distributionBalancedLoss}. */
export interface FocalFactor {
  /** γ ≥ 0, default 2: Wu et al. */
  readonly gamma?: number;
  /**
   * A constant factor ≥ 0, default 2 as in the code of Wu et al., whose learning rate is tuned for it. The paper has
   * none.
   */
  readonly balance?: number;
  /**
   * `element`, the default: each entry has its own p_t. `batch`: all entries share one p_t, from the mean unweighted
   * cross-entropy of the batch, as in the fork that CPRFL uses. `batch` needs reduction `mean`.
   */
  readonly scope?: 'element' | 'batch';
}

/** Divides the weights by their largest value: `instance` in each row, `batch` in the whole batch. */
export type WeightNorm = 'none' | 'instance' | 'batch';

/** Options of {@link distributionBalancedLoss}. */
export interface DistributionBalancedLossOptions<R extends Reduction = Reduction>
  extends MaskedLossOptions<R>,
    FrequencyOptions {
  /** The rule for the weights; default `{ by: 'rebalance' }` with its own defaults. */
  readonly reweight?: Reweighting;
  /** Negative-tolerant regularisation; default κ = 0.05 and λ = 2, Wu et al. for COCO-MLT. `null` turns it off. */
  readonly ntr?: NegativeTolerance | null;
  /** The focal factor; default γ = 2, balance 2, scope `element`. `null` turns it off. */
  readonly focal?: FocalFactor | null;
  /** How the weights are normalised; default `none`, as in every published configuration. */
  readonly weightNorm?: WeightNorm;
  /** Multiplies the loss; ≥ 0, default 1. */
  readonly lossWeight?: number;
}

const ownOptions = ['known', 'clampCounts', 'reweight', 'ntr', 'focal', 'weightNorm', 'lossWeight'];

/**
 * Distribution-Balanced loss and its relatives: re-weighted, negative-tolerant, focal binary cross-entropy, in nats.
 *
 *     z = x − ν,  u = −z where a class is present, λ·z where it is absent
 *     w = r̂ where a class is present, r̂/λ where it is absent
 *     ℓ = lossWeight · balance·σ(u)^γ · w · softplus(u)
 *
 * With `focal: null` the factor balance·σ(u)^γ is 1. {@link presets} holds the published variants by name.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores; at test time use them as they are, without ν
 * @param labels [B, C] 1 present, 0 absent
 * @param statistics class counts of the training set; r̂ assumes class-aware sampling
 * @returns a scalar, or [B, C] for `reduction: 'none'`. `mean` divides by B·C with a focal factor, else by the number
 *   of known entries; never by the sum of the weights
 * @throws DataError if an n_i is 0, if an n_i is N and the logits are shifted, or on labels other than 0 and 1;
 *   OptionError, ShapeError
 *
 * Edge cases: a row without positives has weights 1 + α. An unknown label counts as absent in the weights of its row
 * and adds nothing to the loss. Value and gradient are finite for every finite logit. An infinite logit gives NaN on
 * the right side, infinity on the wrong side. The gradient flows through p_t, not through the weights.
 * Source: Wu et al., ECCV 2020, equations 3–10. `ntr.kappaDividedByLambda` reproduces the released models. The authors'
 * code ignores `reduction` if there is a focal factor; this function does not.
 */
export function distributionBalancedLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: DistributionBalancedLossOptions<R> = {},
): Reduced<R> {
  const counts = checkArguments('distributionBalancedLoss', logits, labels, statistics, options);
  const { reduction = 'mean' as R, focal = {}, lossWeight = 1 } = options;
  const { gamma = 2, balance = 2, scope = 'element' } = focal ?? {};
  const factor = focal ? lossWeight * balance : lossWeight;
  const rules = { ...options, statistics, counts };
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    if (focal && scope === 'batch' && logits.size > 0) {
      return batchFocalLoss(tensors, () => distributionBalancedTerms(tensors, rules), gamma, factor);
    }
    const { known } = tensors;
    const exponent = { gamma: focal ? gamma : 0 };
    const forms = logisticForms(
      tensors.logits,
      () => ({ ...distributionBalancedTerms(tensors, rules), ...exponent }),
      () => ({ ...hostTerms(tensors, rules), ...exponent }),
    );
    return entryLoss([tensors.logits], forms, { reduction, factor, ...(known && !focal && { counted: known }) });
  });
}

/** The rules from which the weights and the shift of a batch are computed. */
interface Rules extends Pick<DistributionBalancedLossOptions, 'reweight' | 'ntr' | 'weightNorm' | 'clampCounts'> {
  readonly statistics: ClassFrequencies;
  /** The checked n_i, from {@link checkArguments}. */
  readonly counts: readonly number[];
}

/** Intermediate values of {@link distributionBalancedLoss}, for figures and studies. */
export interface DistributionBalancedParts {
  /** [B, C] weights after `weightNorm`, before the 1/λ of negatives; ones for `reweight: { by: 'none' }`. */
  readonly weights: tf.Tensor2D;
  /** [B, C] the weights that multiply the cross-entropy. */
  readonly regularizedWeights: tf.Tensor2D;
  /** [B, C] x − ν for positives, λ·(x − ν) for negatives. */
  readonly regularizedLogits: tf.Tensor2D;
}

/**
 * The weights and the regularised logits of {@link distributionBalancedLoss}. It takes the same arguments; no gradient
 * flows.
 *
 * @throws as the loss
 */
export function distributionBalancedParts(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: DistributionBalancedLossOptions = {},
): DistributionBalancedParts {
  const counts = checkArguments('distributionBalancedParts', logits, labels, statistics, options);
  const rules = { ...options, statistics, counts };
  const nothing = (): tf.Tensor2D => tf.zeros(logits.shape);
  if (logits.size === 0) return { weights: nothing(), regularizedWeights: nothing(), regularizedLogits: nothing() };
  return tf.tidy(() => {
    const tensors = {
      logits: asFloats(logits),
      labels: asFloats(labels),
      known: options.known && asFloats(options.known),
    };
    const ones = tf.onesLike(tensors.logits);
    const terms = distributionBalancedTerms(tensors, rules);
    const weights = normalizedWeights(tensors, rules);
    const regularized = product([terms.weights, terms.known]);
    const { slope, u } = signedLogits(tensors.logits, terms);
    return {
      weights: weights ? tf.mul<tf.Tensor2D>(ones, weights) : tf.clone(ones),
      regularizedWeights: regularized ? tf.mul<tf.Tensor2D>(ones, regularized) : ones,
      regularizedLogits: tf.mul<tf.Tensor2D>(u, tf.sign(slope)),
    };
  });
}

/** Shift, slopes and weights of a batch, computed from its labels. */
function distributionBalancedTerms(tensors: LossTensors, rules: Rules): LogisticTerms {
  const { labels, known } = tensors;
  const { ntr = defaultTolerance } = rules;
  const { lambda = 1, kappa = 0 } = ntr ?? {};
  const weights = normalizedWeights(tensors, rules);
  // 1/λ for negatives and 1 for positives.
  const share = lambda === 1 ? undefined : tf.add<tf.Tensor2D>(tf.mul(labels, 1 - 1 / lambda), 1 / lambda);
  const shift = kappa === 0 ? undefined : shiftOf(rules);
  return {
    labels,
    shift: shift && tf.tensor2d(shift, [1, shift.length]),
    negativeSlope: lambda,
    weights: product([weights, share]),
    known,
  };
}

/** {@link distributionBalancedTerms} for labels in host memory. */
function hostTerms({ labels, known }: LossTensors, rules: Rules): HostLogisticTerms {
  const { reweight: rule = { by: 'rebalance' }, ntr = defaultTolerance, weightNorm = 'none' } = rules;
  const { lambda = 1, kappa = 0 } = ntr ?? {};
  const [B, C] = labels.shape;
  const y = labels.dataSync();
  const mask = known?.dataSync();
  const seen = mask ? Float32Array.from(y, (label, i) => label * mask[i]) : y;
  const weights =
    rule.by === 'none'
      ? new Float64Array(B * C).fill(1)
      : weightsOnHost(seen, B, rules.counts, rules.statistics.trainCount, rule);
  if (weightNorm !== 'none') normalizeOnHost(weights, weightNorm === 'instance' ? B : 1);
  for (let i = 0; i < weights.length; i++) weights[i] *= y[i] > 0 ? 1 : 1 / lambda;
  const shift = kappa === 0 ? [0] : shiftOf(rules);
  return {
    labels,
    negativeSlope: lambda,
    shift: { values: shift, rowStep: 0, columnStep: shift.length > 1 ? 1 : 0 },
    weights: { values: weights, rowStep: C, columnStep: 1 },
    known,
  };
}

function shiftOf({ statistics, ntr = defaultTolerance, clampCounts = false }: Rules): number[] {
  return negativeTolerantShift(statistics, { ...ntr, clampCounts });
}

const defaultTolerance: NegativeTolerance = { kappa: 0.05, lambda: 2 };

function normalizedWeights({ labels, known }: LossTensors, rules: Rules): tf.Tensor2D | undefined {
  const { reweight: rule = { by: 'rebalance' }, weightNorm = 'none', statistics, counts } = rules;
  if (rule.by === 'none') return undefined;
  const seen = known ? tf.mul<tf.Tensor2D>(labels, known) : labels;
  const weights = weightsByRule(seen, counts, statistics.trainCount, rule);
  if (weightNorm === 'none') return weights;
  const largest = weightNorm === 'instance' ? tf.max(weights, 1, true) : tf.max(weights);
  return tf.div<tf.Tensor2D>(weights, largest);
}

/**
 * factor·T^γ·m₁, where m₀ is the mean cross-entropy, m₁ its weighted mean and T = 1 − e^{−m₀}. The batch shares one
 * focal factor; the gradient flows through m₀.
 */
function batchFocalLoss(
  { logits, known }: LossTensors,
  makeTerms: () => LogisticTerms,
  gamma: number,
  factor: number,
): tf.Scalar {
  const loss = tf.customGrad((x, save) => {
    const terms = makeTerms();
    const weights = product([terms.weights, known]);
    const { slope, u } = signedLogits(knownLogits(x as tf.Tensor2D, known), terms);
    const entropy = entropyOf(u);
    const steepness = tf.mul(slope, tf.sigmoid(u));
    const mean = tf.mean(known ? tf.mul(entropy, known) : entropy);
    const weightedMean = tf.mean(weights ? tf.mul(entropy, weights) : entropy);
    const t = tf.neg(tf.expm1(tf.neg(mean)));
    const focus = tf.mul(power(t, gamma), factor / logits.size);
    // m₁/T tends to a constant as both go to 0, so the gradient stays finite for every γ ≥ 0.
    const throughMean = tf.mul(tf.mul(gamma, tf.sub(1, t)), tf.div(weightedMean, tf.maximum(t, 1e-30)));
    const along = tf.add(weights ?? 1, known ? tf.mul(known, throughMean) : throughMean);
    (save as tf.GradSaveFunc)([tf.mul(tf.mul(steepness, along), focus)]);
    return {
      value: tf.mul(tf.mul(focus, logits.size), weightedMean),
      gradFunc: (dy: tf.Tensor, [derivative]: tf.Tensor[]) => tf.mul(derivative, dy),
    };
  });
  return loss(logits) as tf.Scalar;
}

function checkFocal(where: string, focal: FocalFactor | null, reduction: Reduction): void {
  if (!focal) return;
  const { gamma = 2, balance = 2, scope = 'element' } = focal;
  checkOptionNames(where, focal, ['gamma', 'balance', 'scope']);
  checkNumber(where, 'options.focal.gamma', gamma, { min: 0 });
  checkNumber(where, 'options.focal.balance', balance, { min: 0 });
  checkChoice(where, 'options.focal.scope', scope, ['element', 'batch']);
  if (scope === 'batch' && reduction !== 'mean') {
    throw new OptionError({
      where,
      argument: 'options.reduction',
      expected: '"mean" with focal.scope "batch", because the whole batch shares one factor',
      received: `"${reduction}"`,
    });
  }
}

/**
 * Checks the options, and that the formula allows the statistics, before any tensor is made.
 *
 * @returns the n_i; empty if neither the weights nor the shift needs them
 */
function checkArguments(
  where: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: DistributionBalancedLossOptions,
): readonly number[] {
  const { C } = checkLossArguments(where, logits, labels, options, { own: ownOptions });
  const { reweight: rule = { by: 'rebalance' }, ntr = defaultTolerance, weightNorm = 'none', lossWeight = 1 } = options;
  checkNumber(where, 'options.lossWeight', lossWeight, { min: 0 });
  checkFocal(where, options.focal ?? null, options.reduction ?? 'mean');
  checkReweighting(where, 'options.reweight', rule);
  checkChoice(where, 'options.weightNorm', weightNorm, ['none', 'instance', 'batch']);
  if (ntr) checkTolerance(where, 'options.ntr', ntr);
  const shifted = (ntr?.kappa ?? 0) !== 0;
  const { clampCounts = false } = options;
  checkFlag(where, 'options.clampCounts', clampCounts);
  if (!shifted && rule.by === 'none') return [];
  return checkedCounts(where, statistics, C, shifted ? 'N − 1' : 'N', { clampCounts });
}
