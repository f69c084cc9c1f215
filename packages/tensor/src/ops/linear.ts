import * as tf from '@tensorflow/tfjs-core';
import { checkShapes } from '../shapes.ts';

/**
 * Affine map of the last axis: y = x · W + b.
 *
 * @param x [..., I]
 * @param weight [I, O]; PyTorch stores [O, I]
 * @param bias [O], left out for none
 * @returns [..., O]
 * @throws ShapeError
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const features = x.shape[x.rank - 1] ?? 1;
  const outputs = weight.shape[1] ?? 0;
  checkShapes('linear', {
    x: [{ shape: [features] }, 'I'],
    weight: [weight, 'I O'],
    ...(bias && { bias: [bias, 'O'] as const }),
  });
  return tf.tidy(() => {
    const rows =
      x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape<tf.Rank.R2>(x, [x.size / Math.max(features, 1), features]);
    const product = tf.matMul(rows, weight as tf.Tensor2D);
    const y = bias ? tf.add(product, bias) : product;
    return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  });
}
