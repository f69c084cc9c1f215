import { checkLabelTensor, checkNumber, checkOptionNames, checkShapes, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { TwoLogits } from './pool-places.ts';

/** Options of {@link presenceLoss}. */
export interface PresenceLossOptions {
  /** [B, C] 1 known, 0 unknown. Unknown labels do not count. Default: all are known. */
  readonly known?: tf.Tensor2D;
  /** γ₊, focal exponent of positives. Default 1. */
  readonly gammaPositive?: number;
  /** γ₋, focal exponent of negatives. Default 2. */
  readonly gammaNegative?: number;
  /** Added to the probability that a negative is absent. Default 0.05. */
  readonly clip?: number;
  /** Factor of the sum. Default 0.03. */
  readonly weight?: number;
}

/**
 * The logit of presence, [B, C]. Its sigmoid equals the softmax over the two logits. It is always a new tensor.
 *
 * @throws ShapeError
 */
export function presenceLogits({ absent, present }: TwoLogits): tf.Tensor2D {
  checkShapes('presenceLogits', { absent: [absent, 'B C'], present: [present, 'B C'] });
  return tf.sub(present, absent);
}

/** Smallest probability inside a logarithm. */
const epsilon = 1e-6;

/**
 * The asymmetric loss of DualCoOp, in nats: the loss of Ridnik et al. on the softmax over two logits. The focal factors
 * get no gradient.
 *
 *     p = σ(x), q = σ(−x)
 *     ℓ = −q^{γ₊}·log max(p, ε)   if the class is present
 *     ℓ = −max(p − clip, 0)^{γ₋}·log max(min(q + clip, 1), ε)   if it is absent
 *
 * (`asymmetricLoss` of `@ltml/losses` uses 1 − p instead of q, like its authors' code. In float32, 1 − p is 0 for x ≥
 * 17.)
 *
 * @param logits [B, C] logits of presence, see {@link presenceLogits}
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, the sum over known labels times `weight`; 0 without known labels
 * @throws OptionError, ShapeError; DataError for labels other than 0 and 1
 *
 * Source: Sun et al. (DualCoOp), NeurIPS 2022, and their code.
 */
export function presenceLoss(logits: tf.Tensor2D, labels: tf.Tensor2D, options: PresenceLossOptions = {}): tf.Scalar {
  const where = 'presenceLoss';
  checkOptionNames(where, options, ['known', 'gammaPositive', 'gammaNegative', 'clip', 'weight']);
  const { known, gammaPositive = 1, gammaNegative = 2, clip = 0.05, weight = 0.03 } = options;
  const numbers = { gammaPositive, gammaNegative, weight };
  for (const [name, value] of Object.entries(numbers)) checkNumber(where, `options.${name}`, value, { min: 0 });
  checkNumber(where, 'options.clip', clip, { min: 0, below: 1 });
  checkShapes(where, { logits: [logits, 'B C'], labels: [labels, 'B C'] });
  if (known) checkShapes(where, { labels: [labels, 'B C'], 'options.known': [known, 'B C'] });
  checkLabelTensor(where, 'labels', labels);
  if (known) checkLabelTensor(where, 'options.known', known);
  if (logits.size === 0) return zerosBehind<tf.Rank.R0>([], logits);
  return tf.tidy(() => {
    const isPresent = tf.cast(labels, 'bool');
    const isKnown = known && tf.cast(known, 'bool');
    const op = tf.customGrad((given, save) => {
      // Logits of unknown labels must not matter, even if they are NaN.
      const x = (
        isKnown ? tf.where(isKnown, given as tf.Tensor, tf.zerosLike(given as tf.Tensor)) : given
      ) as tf.Tensor;
      const [p, q] = [tf.sigmoid(x), tf.sigmoid(tf.neg(x))];
      const lifted = tf.add(q, clip);
      const right = tf.where(isPresent, p, tf.minimum(lifted, 1));
      const factor = tf.where(isPresent, tf.pow(q, gammaPositive), tf.pow(tf.relu(tf.sub(p, clip)), gammaNegative));
      const scaled = tf.mul(factor, isKnown ? tf.mul(tf.cast(isKnown, 'float32'), weight) : weight);
      const floored = tf.maximum(right, epsilon);
      // At its bound a clamp passes the gradient, as in PyTorch.
      const passes = tf.cast(tf.greaterEqual(right, epsilon), 'float32');
      const direction = tf.where(isPresent, tf.onesLike(x), tf.neg(tf.cast(tf.lessEqual(lifted, 1), 'float32')));
      const slope = tf.mul(tf.mul(scaled, direction), tf.div(tf.mul(passes, tf.mul(p, q)), floored));
      (save as tf.GradSaveFunc)([slope]);
      return {
        value: tf.neg(tf.sum(tf.mul(scaled, tf.log(floored)))),
        gradFunc: (dy: tf.Tensor, [slope]: tf.Tensor[]) => [tf.neg(tf.mul(slope, dy))],
      };
    });
    return op(logits) as tf.Scalar;
  });
}
