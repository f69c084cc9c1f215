import { checkLabelTensor, checkNumber, checkOptionNames, checkShapes, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { TwoLogits } from './pool-places.ts';

export interface PresenceLossOptions {
  /** [B, C] 1 annotated, 0 not; what is not annotated adds nothing. */
  readonly known?: tf.Tensor2D;
  /** Focal exponent of positives, default 1. */
  readonly gammaPositive?: number;
  /** Of negatives, default 2. */
  readonly gammaNegative?: number;
  /** Added to the probability that a negative is absent, default 0.05. */
  readonly clip?: number;
  /** Multiplies the sum, default 0.03. */
  readonly weight?: number;
}

/**
 * The logit of presence, [B, C]: the sigmoid of it is the softmax over the two logits.
 *
 * (A tensor of its own, also where the two are given as they are.)
 *
 * @throws ShapeError
 */
export function presenceLogits({ absent, present }: TwoLogits): tf.Tensor2D {
  checkShapes('presenceLogits', { absent: [absent, 'B C'], present: [present, 'B C'] });
  return tf.sub(present, absent);
}

/** Under probabilities before their logarithm. */
const epsilon = 1e-6;

/**
 * The asymmetric loss of DualCoOp, in nats: that of Ridnik et al. on the softmax over two logits, its focal factors without a
 * gradient.
 *
 *     p = σ(x), q = σ(−x)
 *     ℓ = −q^{γ₊}·log max(p, ε)   where a class is present
 *     ℓ = −max(p − clip, 0)^{γ₋}·log max(min(q + clip, 1), ε)   where it is absent
 *
 * (`asymmetricLoss` of `@ltml/losses` has 1 − p in place of q, as its authors' code, which is 0 in float32 from x = 17 on.)
 *
 * @param logits [B, C] of presence, see {@link presenceLogits}
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, the sum over known entries times `weight`; 0 if nothing is known
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1
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
      // Of what is not known not even a NaN comes in.
      const x = (
        isKnown ? tf.where(isKnown, given as tf.Tensor, tf.zerosLike(given as tf.Tensor)) : given
      ) as tf.Tensor;
      const [p, q] = [tf.sigmoid(x), tf.sigmoid(tf.neg(x))];
      const lifted = tf.add(q, clip);
      const right = tf.where(isPresent, p, tf.minimum(lifted, 1));
      const factor = tf.where(isPresent, tf.pow(q, gammaPositive), tf.pow(tf.relu(tf.sub(p, clip)), gammaNegative));
      const scaled = tf.mul(factor, isKnown ? tf.mul(tf.cast(isKnown, 'float32'), weight) : weight);
      const floored = tf.maximum(right, epsilon);
      // A clamp passes gradient at its bound, as PyTorch's does.
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
