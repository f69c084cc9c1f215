import { checkChoice, checkNumber, checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassFrequencies, checkedCounts, type FrequencyOptions } from '../weights/statistics.ts';

/** Options of {@link logitAdjustment}. */
export interface LogitAdjustmentOptions extends FrequencyOptions {
  /** τ, default 1: the value for which the loss is consistent with the balanced error. */
  readonly tau?: number;
  /**
   * `sigmoid`, the default, for multi-label data: log(p_i/(1 − p_i)) with p_i = n_i/N, a separate decision for each
   * class. `softmax`, for one label per image: log π_i with π_i = n_i/Σ_j n_j.
   */
  readonly form?: 'softmax' | 'sigmoid';
}

/**
 * The offsets τ·log prior that logit adjustment adds to the logits of the classes.
 *
 * @returns [C] in nats
 * @throws DataError if an n_i is 0, or N in the sigmoid form; OptionError
 * Source: Menon et al., ICLR 2021, equation 10; the sigmoid form applies the same argument to each class separately.
 */
export function logitOffsets(statistics: ClassFrequencies, options: LogitAdjustmentOptions = {}): number[] {
  const where = 'logitAdjustment';
  checkOptionNames(where, options, ['tau', 'form', 'clampCounts']);
  return offsetsOf(where, statistics, statistics.classCounts.length, options);
}

/** {@link logitOffsets} for a caller named `where` that has `classes` classes. */
export function offsetsOf(
  where: string,
  statistics: ClassFrequencies,
  classes: number,
  { tau = 1, form = 'sigmoid', clampCounts = false }: LogitAdjustmentOptions,
): number[] {
  checkNumber(where, 'options.tau', tau);
  checkChoice(where, 'options.form', form, ['softmax', 'sigmoid']);
  const counts = checkedCounts(where, statistics, classes, form === 'softmax' ? 'N' : 'N − 1', { clampCounts });
  const total = counts.reduce((sum, n) => sum + n, 0);
  return counts.map((n) => tau * (form === 'softmax' ? Math.log(n / total) : -Math.log(statistics.trainCount / n - 1)));
}

/**
 * Adds τ·log prior to the logits for training, so that a rare class must win by a larger margin. At test time use the
 * logits as they are. For a model that was trained without it, `tau: -1` adjusts the scores afterwards.
 *
 * ```ts
 * const loss = binaryCrossEntropy(logitAdjustment(logits, statistics), labels);
 * const single = kPositiveCrossEntropy(logitAdjustment(logits, statistics, { form: 'softmax' }), labels);
 * ```
 *
 * @param logits [B, C] raw scores
 * @returns [B, C], differentiable
 * @throws DataError if an n_i is 0, or N in the sigmoid form; OptionError, ShapeError
 * Source: Menon et al., ICLR 2021, equations 9 (adjusting afterwards) and 10 (in the loss).
 */
export function logitAdjustment(
  logits: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: LogitAdjustmentOptions = {},
): tf.Tensor2D {
  const offsets = logitOffsets(statistics, options);
  checkShapes('logitAdjustment', {
    'statistics.classCounts': [{ shape: [offsets.length] }, 'C'],
    logits: [logits, 'B C'],
  });
  // Kernels of some engines fail on tensors without entries.
  if (logits.size === 0) return tf.clone(logits);
  return tf.tidy(() => tf.add(logits, tf.tensor2d(offsets, [1, offsets.length])));
}
