import * as tf from '@tensorflow/tfjs-core';
import { checkShapes, checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';

/**
 * Linear layer on the last axis: y = x · W + b.
 *
 * @param x [..., I]
 * @param weight [I, O]; PyTorch stores [O, I]
 * @param bias [O]; default no bias
 * @returns [..., O]
 * @throws ShapeError
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const features = checkTensor('linear', 'x', x).at(-1) ?? 1;
  checkShapes('linear', {
    x: [{ shape: [features] }, 'I'],
    weight: [weight, 'I O'],
    ...(bias !== undefined && { bias: [bias, 'O'] as const }),
  });
  return tf.tidy(() => {
    const floats = asFloat(x) as tf.Tensor2D;
    const rows = x.rank === 2 ? floats : tf.reshape<tf.Rank.R2>(floats, [x.size / Math.max(features, 1), features]);
    const product = tf.matMul(rows, weight as tf.Tensor2D);
    const y = bias ? tf.add(product, bias) : product;
    return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), weight.shape[1] as number]);
  });
}
