import { checkFlag, checkNumber } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type MaskedLossOptions } from '../core/checks.ts';
import { entryLoss } from '../core/closed-form.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { remembered } from '../weights/remembered.ts';
import { type ClassFrequencies, checkedCounts, type FrequencyOptions } from '../weights/statistics.ts';
import { weightedAsymmetricForms } from './weighted-asymmetric.ts';

/** Options of {@link multiGrainedFocal}. */
export interface MultiGrainedFocalOptions<R extends Reduction = Reduction>
  extends MaskedLossOptions<R>,
    FrequencyOptions {
  /**
   * Default `sum`, as in the authors' code. The gradient scales with it, so tune the learning rate for the reduction.
   */
  readonly reduction?: R;
  /** Focal exponent γ₊ ≥ 0 of positives, default 0. */
  readonly gammaPositive?: number;
  /** Focal exponent γ₋ ≥ 0 of negatives, to which the class weight w is added, default 4. */
  readonly gammaNegative?: number;
  /** Probability shift of negatives, in [0, 1), default 0.05. A negative below it has loss 0 and gradient 0. */
  readonly clip?: number;
  /** Smallest probability in a logarithm, in (0, 1], default 1e-8. */
  readonly epsilon?: number;
  /** e ≥ 0: the larger, the more weight rare classes get; default 1/6. */
  readonly exponent?: number;
  /** Lets the gradient flow through the focal factor too; default false. */
  readonly factorGradient?: boolean;
}

/** Of its weights and its factor. */
export const factorOptions: readonly string[] = [
  'gammaPositive',
  'gammaNegative',
  'clip',
  'epsilon',
  'exponent',
  'factorGradient',
];
export const focalOptions: readonly string[] = ['known', ...factorOptions, 'clampCounts'];

/**
 * Multi-grained focal loss: an asymmetric loss whose weights and exponents are larger for rarer classes, in nats.
 *
 *     w = (1 − log(n/max n))^e,  p = σ(x),  q = min(σ(−x) + clip, 1)
 *     ℓ = −w·(1 − p)^{γ₊}·log p        where a class is present
 *     ℓ = −w·(1 − q)^{γ₋ + w}·log q    where it is absent
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @param statistics class counts of the training set
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws DataError if an n_i is not in [1, N], or on labels other than 0 and 1; OptionError, ShapeError
 *
 * Edge cases: a negative with σ(x) < clip costs exactly 0. Where p or q is below `epsilon`, the loss is constant and
 * has no gradient through the logarithm.
 * Source: the code of COMIC (Zhang et al., ICCV 2023). Its released configurations use another form, with γ₋ = 3:
 * `priorFocalModifier`.
 */
export function multiGrainedFocal<R extends Reduction = 'sum'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: MultiGrainedFocalOptions<R> = {},
): Reduced<R> {
  const where = 'multiGrainedFocal';
  const { C } = checkLossArguments(where, logits, labels, options, { own: focalOptions });
  const terms = checkFocalOptions(where, options);
  const weights = rarityWeights(where, statistics, C, terms.exponent, options);
  const { reduction = 'sum' as R } = options;
  return computeLoss({ logits, labels, known: options.known }, ({ logits: x, labels: y, known }) => {
    const forms = weightedAsymmetricForms(x, terms, () => {
      const byClass = tf.tensor2d(weights, [1, C]);
      return { labels: y, weights: byClass, exponents: tf.add(byClass, terms.gammaNegative), known };
    });
    return entryLoss([x], forms, { reduction, ...(known && { counted: known }) });
  });
}

/** Class weights w = (1 − log(n/max n))^e ≥ 1. @throws DataError if an n_i is not in [1, N] */
export function rarityWeights(
  where: string,
  statistics: ClassFrequencies,
  classes: number,
  exponent: number,
  options: FrequencyOptions,
): Float32Array {
  const { clampCounts = false } = options;
  return remembered(statistics, `rarity ${classes} ${exponent} ${clampCounts}`, () => {
    const counts = checkedCounts(where, statistics, classes, 'N', { clampCounts });
    const largest = counts.reduce((most, n) => Math.max(most, n), 1);
    return Float32Array.from(counts, (n) => (1 - Math.log(n / largest)) ** exponent);
  });
}

export type FocalTerms = Required<
  Pick<MultiGrainedFocalOptions, 'gammaPositive' | 'gammaNegative' | 'clip' | 'epsilon' | 'exponent' | 'factorGradient'>
>;

/** Fills in the defaults and checks them. @throws OptionError */
export function checkFocalOptions(
  where: string,
  options: Omit<MultiGrainedFocalOptions, 'known' | 'reduction'>,
  defaults: Partial<FocalTerms> = {},
): FocalTerms {
  const { gammaPositive = 0, gammaNegative = defaults.gammaNegative ?? 4, clip = 0.05, epsilon = 1e-8 } = options;
  const { exponent = defaults.exponent ?? 1 / 6, factorGradient = false } = options;
  const terms = { gammaPositive, gammaNegative, clip, epsilon, exponent, factorGradient };
  for (const name of ['gammaPositive', 'gammaNegative', 'exponent'] as const) {
    checkNumber(where, `options.${name}`, terms[name], { min: 0 });
  }
  checkNumber(where, 'options.clip', terms.clip, { min: 0, below: 1 });
  checkNumber(where, 'options.epsilon', terms.epsilon, { above: 0, max: 1 });
  checkFlag(where, 'options.factorGradient', terms.factorGradient);
  return terms;
}
