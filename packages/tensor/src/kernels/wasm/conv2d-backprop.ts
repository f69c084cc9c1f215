import * as tf from '@tensorflow/tfjs-core';
import { type Convolution, filterGradient, inputGradient } from '../../ops/convolve.ts';
import type { Kernel } from '../kernel.ts';

type Size = [number, number, number, number];
type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The engine has none. */
export const conv2dBackpropFilter: Kernel = {
  name: 'Conv2DBackpropFilter',
  create:
    () =>
    ({ inputs, attrs }) => {
      const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { filterShape, ...attributes } = attrs as unknown as ConvolutionAttributes & { filterShape: Size };
      const convolution = readConvolution(x.shape, filterShape, attributes);
      return tf.tidy(() => filterGradient(x, dy, [filterShape[0], filterShape[1]], convolution));
    },
};

/** The engine's own is a plain loop. */
export const conv2dBackpropInput: Kernel = {
  name: 'Conv2DBackpropInput',
  create:
    () =>
    ({ inputs, attrs }) => {
      const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      const { inputShape, ...attributes } = attrs as unknown as ConvolutionAttributes & { inputShape: Size };
      const convolution = readConvolution(inputShape, filter.shape, attributes);
      return tf.tidy(() => inputGradient(dy, filter, [inputShape[1], inputShape[2]], convolution));
    },
};

function readConvolution(x: Size, filter: Size, attributes: ConvolutionAttributes): Convolution {
  const { strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = info.padInfo;
  return {
    stride: [info.strideHeight, info.strideWidth],
    dilation: [1, 1],
    padding: [top, bottom, left, right],
  };
}
