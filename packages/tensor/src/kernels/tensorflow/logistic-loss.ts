import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOp } from './raw-op.ts';

/**
 * The losses of the logistic family over [B, C], value and gradient in one pass, by the op of `native/logistic-loss.cc`.
 *
 * With s = s₊ where y > 0, else s₋, u = s·(x − ν), b = softplus(u) − y·u and r = σ(u) − y the value is
 * Σ w·|r|^γ·b times the scale, and the gradient that by the logits. For γ > 0 the labels must be 0 or 1.
 *
 * Inputs: logits, labels [B, C]; shift ν and weights w, of rank 2, broadcast to [B, C]; scale [].
 * Attributes: positiveSlope s₊, negativeSlope s₋, gamma γ ≥ 0. Outputs: value [], gradient [B, C].
 */
export const logisticLoss: Kernel = {
  name: 'ltml/LogisticLoss',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { logits, labels, shift, weights, scale } = inputs as Record<string, tf.TensorInfo>;
      const { positiveSlope, negativeSlope, gamma } = attrs as Record<string, number>;
      const floats = { positive_slope: positiveSlope, negative_slope: negativeSlope, gamma };
      return runRawOp(
        backend,
        'LtmlLogisticLoss',
        { floatTypes: [], floats },
        [logits, labels, shift, weights, scale],
        2,
      );
    },
};
