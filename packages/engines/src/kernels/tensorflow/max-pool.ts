import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { type RawAttributes, runRawOpOnce } from './raw-op.ts';

type Compute = typeof tf.backend_util.computePool2DInfo;

interface Attributes {
  readonly filterSize: Parameters<Compute>[1];
  readonly strides: Parameters<Compute>[2];
  readonly pad: Parameters<Compute>[4];
  readonly dimRoundingMode?: Parameters<Compute>[5];
}

// The engine's own refuse numeric and explicit padding.

export const maxPool: Kernel = {
  name: 'MaxPool',
  create: (original) => (call) => {
    const x = call.inputs.x as tf.Tensor4D;
    if (x.dtype !== 'float32') return original!(call);
    return runRawOpOnce(call.backend, 'MaxPool', rawAttributes(x.shape, call.attrs as unknown as Attributes), [x]);
  },
};

export const maxPoolGrad: Kernel = {
  name: 'MaxPoolGrad',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { dy, input, output } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D; output: tf.Tensor4D };
      const attributes = rawAttributes(input.shape, attrs as unknown as Attributes);
      return runRawOpOnce(backend, 'MaxPoolGrad', attributes, [input, output, dy]);
    },
};

function rawAttributes(x: tf.Tensor4D['shape'], attributes: Attributes): RawAttributes {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(x, filterSize, strides, 1, pad, dimRoundingMode);
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
