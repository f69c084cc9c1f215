import { checkNumber, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss } from '../core/checks.ts';
import { entryLoss } from '../core/closed-form.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import type { ClassFrequencies } from '../weights/statistics.ts';
import {
  checkFocalOptions,
  focalOptions,
  type MultiGrainedFocalOptions,
  rarityWeights,
} from './multi-grained-focal.ts';
import { weightedAsymmetricForms } from './weighted-asymmetric.ts';

/** Options of {@link priorFocalModifier}. */
export interface PriorFocalModifierOptions<R extends Reduction = Reduction> extends MultiGrainedFocalOptions<R> {
  /** Focal exponent γ₋ ≥ 0 of negatives, to which the class weight w is added, default 3. */
  readonly gammaNegative?: number;
  /** e ≥ 0: the larger, the more weight rare classes get; default 1/3. */
  readonly exponent?: number;
  /** η > 0, multiplies q of a class that occurs together with the image's positives, default 1.2. */
  readonly negativeScale?: number;
}

/**
 * {@link multiGrainedFocal} that also uses which classes occur together, in nats.
 *
 *     a_k = mean_{j ∈ positives} A_jk, divided by its sum over k;  A = co-occurrences, each column divided by its sum
 *     p' = p·(1 − a),  q' = min(η·q, 1) where a ≠ 0, else q
 *
 * p' and q' replace p and q, both in the logarithm and in the factor. Other parameters, result, errors and edge
 * cases: {@link multiGrainedFocal}.
 *
 * @param shares [C, C] A, see {@link coOccurrenceShares}
 *
 * Edge cases: an image without a known positive has a = 0. An unknown label counts as absent in a.
 * Source: the loss that the released training script of COMIC (Zhang et al., ICCV 2023) uses.
 */
export function priorFocalModifier<R extends Reduction = 'sum'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  shares: tf.Tensor2D,
  options: PriorFocalModifierOptions<R> = {},
): Reduced<R> {
  const where = 'priorFocalModifier';
  const { C } = checkLossArguments(where, logits, labels, options, { own: [...focalOptions, 'negativeScale'] });
  const { reduction = 'sum' as R, negativeScale = 1.2, factorGradient = false } = options;
  checkNumber(where, 'options.negativeScale', negativeScale, { above: 0 });
  const terms = checkFocalOptions(where, options, { gammaNegative: 3, exponent: 1 / 3 });
  const weights = rarityWeights(where, statistics, C, terms.exponent, options);
  checkShapes(where, { logits: [logits, 'B C'], shares: [shares, 'C C'] });
  return computeLoss({ logits, labels, known: options.known }, ({ logits: x, labels: y, known }) => {
    const forms = weightedAsymmetricForms(x, { ...terms, factorGradient }, () => {
      const byClass = tf.tensor2d(weights, [1, C]);
      const seen = known ? tf.mul<tf.Tensor2D>(y, known) : y;
      const together = tf.matMul<tf.Tensor2D>(seen, shares);
      const total = tf.sum(together, 1, true);
      const a = tf.div<tf.Tensor2D>(together, tf.add(total, tf.cast(tf.equal(total, 0), 'float32')));
      const ofNegatives = tf.add(1, tf.mul(tf.cast(tf.greater(a, 0), 'float32'), negativeScale - 1));
      const share = tf.where(tf.cast(y, 'bool'), tf.sub(1, a), ofNegatives) as tf.Tensor2D;
      return { labels: y, weights: byClass, exponents: tf.add(byClass, terms.gammaNegative), share, known };
    });
    return entryLoss([x], forms, { reduction, ...(known && { counted: known }) });
  });
}
