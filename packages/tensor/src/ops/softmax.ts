import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';
import { emptyOf } from './empty.ts';

/**
 * Softmax over the last axis, exp(x_i) / Σ_j exp(x_j), with the maximum subtracted first.
 *
 * @param x [..., C] logits
 * @returns [..., C] probabilities
 * @throws ShapeError if x is not a tensor
 */
export function softmax(x: tf.Tensor): tf.Tensor {
  checkTensor('softmax', 'x', x);
  return x.size === 0 ? emptyOf(x, x.shape) : tf.tidy(() => tf.softmax(asFloat(x)));
}

/**
 * Logarithm of the softmax over the last axis, x_i − log Σ_j exp(x_j), with the maximum subtracted first.
 *
 * @param x [..., C] logits
 * @returns [..., C] in nats
 * @throws ShapeError if x is not a tensor
 */
export function logSoftmax(x: tf.Tensor): tf.Tensor {
  checkTensor('logSoftmax', 'x', x);
  return x.size === 0 ? emptyOf(x, x.shape) : tf.tidy(() => logSoftmaxOf(asFloat(x)));
}

function logSoftmaxOf(x: tf.Tensor): tf.Tensor {
  return customGradient(
    [x],
    () => {
      const shifted = tf.sub(x, tf.max(x, -1, true));
      const value = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), -1, true)));
      return { value, saved: [value] };
    },
    (dy, [y]) => [tf.sub(dy, tf.mul(tf.exp(y), tf.sum(dy, -1, true)))],
  );
}
