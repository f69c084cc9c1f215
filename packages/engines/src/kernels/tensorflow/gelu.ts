import { normalDensities } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOpOnce } from './raw-op.ts';

/** y = x · Φ(x). */
export const gelu: Kernel = {
  name: 'ltml/Gelu',
  create:
    () =>
    ({ inputs, backend }) =>
      tf.tidy(() => {
        const x = inputs.x as tf.Tensor;
        return tf.mul(tf.mul(x, 0.5), twiceDistribution(backend, x));
      }),
};

/** dx = dy · (Φ(x) + x · φ(x)). */
export const geluGrad: Kernel = {
  name: 'ltml/GeluGrad',
  create:
    () =>
    ({ inputs, backend }) =>
      tf.tidy(() => {
        const { dy, x } = inputs as { dy: tf.Tensor; x: tf.Tensor };
        const distribution = tf.mul(twiceDistribution(backend, x), 0.5);
        return tf.mul(dy, tf.add(distribution, tf.mul(x, normalDensities(x))));
      }),
};

/** 2 · Φ(x) = erfc(−x / √2), by TensorFlow's op Erfc, which TensorFlow.js does not offer. */
function twiceDistribution(backend: unknown, x: tf.Tensor): tf.Tensor {
  return runRawOpOnce(backend, 'Erfc', {}, [tf.mul(x, -Math.SQRT1_2)]);
}
