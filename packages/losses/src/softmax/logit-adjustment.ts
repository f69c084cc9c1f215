import { checkChoice, checkNumber, checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassFrequencies, checkedCounts, type FrequencyOptions } from '../weights/statistics.ts';

export interface LogitAdjustmentOptions extends FrequencyOptions {
  /** τ, default 1: the value that makes the balanced error consistent. */
  readonly tau?: number;
  /**
   * `softmax`: log π_i with π_i = n_i/Σ_j n_j, for one label an image. `sigmoid`, the default: log(p_i/(1 − p_i)) with
   * p_i = n_i/N, for several labels, each a decision of its own.
   */
  readonly form?: 'softmax' | 'sigmoid';
}

/**
 * The offsets τ·log prior by which logit adjustment moves the classes.
 *
 * @returns [C] in nats
 * @throws DataError if an n_i is 0, or N in the sigmoid form; OptionError
 * Source: Menon et al., ICLR 2021, equation 10; the sigmoid form is the same argument for each class on its own.
 */
export function logitOffsets(statistics: ClassFrequencies, options: LogitAdjustmentOptions = {}): number[] {
  const where = 'logitAdjustment';
  checkOptionNames(where, options, ['tau', 'form', 'clampCounts']);
  return offsetsOf(where, statistics, statistics.classCounts.length, options);
}

/** {@link logitOffsets} for the function that is called `where` and has so many classes. */
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
 * Logits plus τ·log prior, to be trained on: a rare class must then win by a larger margin. At test time the logits are
 * scores as they are. For a model trained without it, `tau: -1` adjusts the scores after the fact.
 *
 * ```ts
 * const loss = binaryCrossEntropy(logitAdjustment(logits, statistics), labels);
 * const single = kPositiveCrossEntropy(logitAdjustment(logits, statistics, { form: 'softmax' }), labels);
 * ```
 *
 * @param logits [B, C] raw scores
 * @returns [B, C], differentiable
 * @throws DataError if an n_i is 0, or N in the sigmoid form; OptionError, ShapeError
 * Source: Menon et al., ICLR 2021, equations 9 (after the fact) and 10 (in the loss).
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
