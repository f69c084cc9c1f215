import { checkNumber, checkOptionNames } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type MaskedLossOptions } from '../core/checks.ts';
import { entryLoss } from '../core/closed-form.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { type ClassFrequencies, checkedCounts, type FrequencyOptions } from '../weights/statistics.ts';
import { type LogisticTerms, logisticForms } from './logistic.ts';

/** Options of {@link ldamLoss}. */
export interface LdamLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R>, FrequencyOptions {
  /** The margin of the rarest class, in units of the logits, default 0.5: Cao et al. */
  readonly maxMargin?: number;
  /** s > 0, multiplies the logits; default 1. Cao et al. use 30 with normalised features. */
  readonly scale?: number;
}

const ownOptions = ['known', 'maxMargin', 'scale', 'clampCounts'];

/**
 * The margins of LDAM, Δ_i = maxMargin·n_i^{−1/4} / max_j n_j^{−1/4}: the rarer a class, the larger.
 *
 * @returns [C] in units of the logits
 * @throws DataError if an n_i is not in [1, N]; OptionError
 * Source: Cao et al., NeurIPS 2019, equation 11.
 */
export function ldamMargins(
  statistics: ClassFrequencies,
  options: FrequencyOptions & { readonly maxMargin?: number } = {},
): number[] {
  checkOptionNames('ldamMargins', options, ['maxMargin', 'clampCounts']);
  return marginsOf('ldamMargins', statistics, statistics.classCounts.length, options);
}

function marginsOf(
  where: string,
  statistics: ClassFrequencies,
  classes: number,
  { maxMargin = 0.5, clampCounts = false }: FrequencyOptions & { readonly maxMargin?: number },
): number[] {
  checkNumber(where, 'options.maxMargin', maxMargin, { min: 0 });
  const counts = checkedCounts(where, statistics, classes, 'N', { clampCounts });
  const rarest = counts.reduce((least, n) => Math.min(least, n), Infinity);
  return counts.map((n) => maxMargin * (rarest / n) ** 0.25);
}

/**
 * Label-distribution-aware margin loss for several labels, in nats: binary cross-entropy of s·(x − y·Δ).
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @param statistics class counts of the training set
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws DataError if an n_i is not in [1, N], or on labels other than 0 and 1; OptionError, ShapeError
 *
 * Source: the margins of Cao et al., NeurIPS 2019. Their loss is a softmax over one label. This is the multi-label form
 * that long-tailed multi-label papers use as a baseline; no authors' code exists for it.
 */
export function ldamLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: LdamLossOptions<R> = {},
): Reduced<R> {
  const where = 'ldamLoss';
  const { C } = checkLossArguments(where, logits, labels, options, { own: ownOptions });
  const { reduction = 'mean' as R, scale = 1 } = options;
  checkNumber(where, 'options.scale', scale, { above: 0 });
  const margins = marginsOf(where, statistics, C, options);
  return computeLoss({ logits, labels, known: options.known }, ({ logits: x, labels: y, known }) => {
    const makeTerms = (): LogisticTerms => ({
      labels: y,
      shift: tf.mul<tf.Tensor2D>(y, tf.tensor2d(margins, [1, C])),
      positiveSlope: scale,
      negativeSlope: scale,
      known,
    });
    return entryLoss([x], logisticForms(x, makeTerms), { reduction, ...(known && { counted: known }) });
  });
}
