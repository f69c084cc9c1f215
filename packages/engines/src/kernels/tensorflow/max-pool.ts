import * as tf from '@tensorflow/tfjs-core';
import { type PoolAttributes, poolInfo } from '../host/pool-windows.ts';
import type { Kernel } from '../kernel.ts';
import { type RawAttributes, runRawOpOnce } from './raw-op.ts';

// The engine's own kernels reject numeric and explicit padding, and TensorFlow's ops ignore NaN. Both corrections
// together cost less than a second pooling.

/** Initial value of TensorFlow's maximum, so the result for a window with only −∞. */
const lowest = -3.4028234663852886e38;

export const maxPool: Kernel = {
  name: 'MaxPool',
  create: (original) => (call) => {
    const x = call.inputs.x as tf.Tensor4D;
    if (x.dtype !== 'float32') return original!(call);
    const attributes = rawAttributes(x.shape, call.attrs as unknown as PoolAttributes);
    const pool = (maps: tf.Tensor) => runRawOpOnce(call.backend, 'MaxPool', attributes, [maps]);
    return tf.tidy(() => {
      const y = pool(x);
      const numbers = tf.where(tf.lessEqual(y, lowest), Number.NEGATIVE_INFINITY, y);
      const hasNaN = pool(tf.cast(tf.isNaN(x), 'float32'));
      // 0 / 1 = 0, or 0 / 0 = NaN.
      return tf.add(numbers, tf.div(0, tf.sub(1, hasNaN)));
    });
  },
};

export const maxPoolGrad: Kernel = {
  name: 'MaxPoolGrad',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { dy, input, output } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D; output: tf.Tensor4D };
      const attributes = rawAttributes(input.shape, attrs as unknown as PoolAttributes);
      return tf.tidy(() => {
        const [x, y] = [input, output].map((maps) => tf.where(tf.isNaN(maps), Number.POSITIVE_INFINITY, maps));
        return runRawOpOnce(backend, 'MaxPoolGrad', attributes, [x, y, dy]);
      });
    },
};

function rawAttributes(x: tf.Tensor4D['shape'], attributes: PoolAttributes): RawAttributes {
  const info = poolInfo(x, attributes);
  const { top, bottom, left, right } = info.padInfo;
  const padded = top + bottom + left + right > 0;
  return {
    ints: {
      ksize: [1, info.filterHeight, info.filterWidth, 1],
      strides: [1, info.strideHeight, info.strideWidth, 1],
      ...(padded && { explicit_paddings: [0, 0, top, bottom, left, right, 0, 0] }),
    },
    strings: { padding: padded ? 'EXPLICIT' : 'VALID', data_format: 'NHWC' },
  };
}
