import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { type RawAttributes, runRawOpOnce } from './raw-op.ts';

type Size = [number, number, number, number];
type Compute = typeof tf.backend_util.computeConv2DInfo;

interface Attributes {
  readonly strides: Parameters<Compute>[2];
  readonly dilations?: Parameters<Compute>[3];
  readonly pad: Parameters<Compute>[4];
  readonly dimRoundingMode?: Parameters<Compute>[5];
  readonly dataFormat?: 'NHWC' | 'NCHW';
}

// The engine's own refuse numeric padding, and its two gradients explicit padding too.

export const conv2d: Kernel = {
  name: 'Conv2D',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { x, filter } = inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
      const attributes = rawAttributes(x.shape, filter.shape, attrs as unknown as Attributes);
      return runRawOpOnce(backend, 'Conv2D', attributes, [x, filter]);
    },
};

export const conv2dBackpropInput: Kernel = {
  name: 'Conv2DBackpropInput',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      const { inputShape, ...rest } = attrs as unknown as Attributes & { inputShape: Size };
      const size = tf.tensor1d(inputShape, 'int32');
      const attributes = rawAttributes(inputShape, filter.shape, rest);
      const dx = runRawOpOnce(backend, 'Conv2DBackpropInput', attributes, [size, filter, dy]);
      size.dispose();
      return dx;
    },
};

export const conv2dBackpropFilter: Kernel = {
  name: 'Conv2DBackpropFilter',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { filterShape, ...rest } = attrs as unknown as Attributes & { filterShape: Size };
      const size = tf.tensor1d(filterShape, 'int32');
      const attributes = rawAttributes(x.shape, filterShape, rest);
      const dFilter = runRawOpOnce(backend, 'Conv2DBackpropFilter', attributes, [x, size, dy]);
      size.dispose();
      return dFilter;
    },
};

function rawAttributes(x: Size, filter: Size, attributes: Attributes): RawAttributes {
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat = 'NHWC' } = attributes;
  const layout = tf.backend_util.convertConv2DDataFormat(dataFormat);
  const info = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, dimRoundingMode, false, layout);
  const { top, bottom, left, right } = info.padInfo;
  const inLayout = (height: number[], width: number[], other: number[]) =>
    layout === 'channelsLast' ? [...other, ...height, ...width, ...other] : [...other, ...other, ...height, ...width];
  return {
    ints: {
      strides: inLayout([info.strideHeight], [info.strideWidth], [1]),
      dilations: inLayout([info.dilationHeight], [info.dilationWidth], [1]),
      explicit_paddings: inLayout([top, bottom], [left, right], [0, 0]),
    },
    strings: { padding: 'EXPLICIT', data_format: dataFormat },
  };
}
