import * as tf from '@tensorflow/tfjs-core';
import { conv2d } from '../ops/conv2d.ts';
import type { BatchNorm } from './batch-norm.ts';
import type { Conv2d } from './conv2d.ts';

/**
 * A convolution followed by a batch norm: [B, H, W, I] → [B, H′, W′, O].
 *
 * If the norm uses running statistics, it is a scale s = γ / √(v + ε) and a shift β − m · s of each output channel. The
 * scale is then multiplied into the filter, which is smaller than the feature maps. That saves one pass over the maps,
 * forward and backward.
 */
export function convBatchNorm(conv: Conv2d, norm: BatchNorm, x: tf.Tensor): tf.Tensor4D {
  if (norm.usesBatch) return norm.forward(conv.forward(x));
  return tf.tidy(() => folded(conv, norm, x));
}

function folded(conv: Conv2d, norm: BatchNorm, x: tf.Tensor): tf.Tensor4D {
  const scale = tf.mul(norm.weight.variable, tf.rsqrt(tf.add(norm.running_var.variable, norm.epsilon)));
  const mean = norm.running_mean.variable;
  const centre = conv.bias ? tf.sub(mean, conv.bias.variable) : mean;
  const shift = tf.sub(norm.bias.variable, tf.mul(centre, scale));
  return tf.add(conv2d(x, tf.mul(conv.weight.variable, scale), conv.window), shift);
}
