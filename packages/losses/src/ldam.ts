import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, checkNumber, type MaskedLossOptions } from './checks.ts';
import { entryLoss } from './closed-form.ts';
import { type LogisticTerms, logisticForms } from './logistic.ts';
import type { Reduced, Reduction } from './reduction.ts';
import { type ClassFrequencies, checkedCounts, type FrequencyOptions } from './statistics.ts';

export interface LdamLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R>, FrequencyOptions {
  /** The margin of the rarest class, default 0.5: Cao et al. */
  readonly maxMargin?: number;
  /** s > 0, multiplies the logits; default 1. Cao et al. use 30 over normalised features. */
  readonly scale?: number;
}

/**
 * The margins Δ_i = maxMargin·n_i^{−1/4} / max_j n_j^{−1/4}.
 *
 * @returns [C] in units of the logits
 * Source: Cao et al., NeurIPS 2019, equation 11.
 */
export function ldamMargins(
  statistics: ClassFrequencies,
  options: FrequencyOptions & { readonly maxMargin?: number } = {},
): number[] {
  const { maxMargin = 0.5, clampCounts = false } = options;
  const counts = checkedCounts('ldamMargins', statistics, statistics.classCounts.length, 'N', { clampCounts });
  const rarest = counts.reduce((least, n) => Math.min(least, n), Infinity);
  return counts.map((n) => maxMargin * (rarest / n) ** 0.25);
}

/**
 * Label-distribution-aware margin loss for several labels, in nats: binary cross-entropy of s·(x − y·Δ).
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @param statistics of the images that are trained on
 * @returns a scalar, or [B, C] for `reduction: 'none'`; a mean divides by the number of known entries
 * @throws DataError if an n_i is not in [1, N]; OptionError, ShapeError
 *
 * Source: the margins of Cao et al., NeurIPS 2019. Their loss is a softmax over one label; this is the multi-label
 * adaptation that long-tailed multi-label papers compare with, for which there is no authors' code.
 */
export function ldamLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: LdamLossOptions<R> = {},
): Reduced<R> {
  const where = 'ldamLoss';
  const { C } = checkLossArguments(where, logits, labels, options, ['known', 'maxMargin', 'scale', 'clampCounts']);
  const { reduction = 'mean' as R, known, maxMargin = 0.5, scale = 1, clampCounts = false } = options;
  checkNumber(where, 'maxMargin', maxMargin, 0);
  checkNumber(where, 'scale', scale, Number.MIN_VALUE);
  checkedCounts(where, statistics, C, 'N', { clampCounts });
  const margins = ldamMargins(statistics, { maxMargin, clampCounts });
  const makeTerms = (): LogisticTerms => ({
    labels,
    shift: tf.mul<tf.Tensor2D>(labels, tf.tensor2d(margins, [1, C])),
    positiveSlope: scale,
    negativeSlope: scale,
    weights: known,
  });
  return entryLoss([logits], logisticForms(logits, makeTerms), { reduction, ...(known && { counted: known }) });
}
