import { type Convolution, filterGradient, inputGradient } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { filterGradientByVectors } from './filter-gradient.ts';
import type { WasmBackend } from './memory.ts';

type Size = [number, number, number, number];
type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: 'NHWC' | 'NCHW';
}

/** Gradient of the filter; the engine has no kernel for it. */
export const conv2dBackpropFilter: Kernel = {
  name: 'Conv2DBackpropFilter',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { filterShape, ...attributes } = attrs as unknown as ConvolutionAttributes & { filterShape: Size };
      const info = convolutionInfo(x.shape, filterShape, attributes);
      const gradient = filterGradientByVectors(backend as WasmBackend, x, dy, info);
      if (gradient) return gradient;
      return tf.tidy(() => filterGradient(x, dy, [filterShape[0], filterShape[1]], readConvolution(info)));
    },
};

/** Gradient of the input; the engine's own kernel is a plain loop. */
export const conv2dBackpropInput: Kernel = {
  name: 'Conv2DBackpropInput',
  create: (original) => (call) => {
    const { dy, filter } = call.inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { inputShape, ...attributes } = call.attrs as unknown as ConvolutionAttributes & { inputShape: Size };
    const info = convolutionInfo(inputShape, filter.shape, attributes);
    // A transposed convolution may have an input size that no convolution gives.
    const fits = dy.shape[1] === info.outHeight && dy.shape[2] === info.outWidth;
    const isFloat = dy.dtype === 'float32' && filter.dtype === 'float32';
    if (!fits || !isFloat || attributes.dataFormat === 'NCHW') return original!(call);
    return tf.tidy(() => inputGradient(dy, filter, [inputShape[1], inputShape[2]], readConvolution(info)));
  },
};

function convolutionInfo(x: Size, filter: Size, attributes: ConvolutionAttributes): tf.backend_util.Conv2DInfo {
  const { strides, pad, dimRoundingMode } = attributes;
  return tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad, dimRoundingMode);
}

function readConvolution(info: tf.backend_util.Conv2DInfo): Convolution {
  const { top, bottom, left, right } = info.padInfo;
  return {
    stride: [info.strideHeight, info.strideWidth],
    dilation: [1, 1],
    padding: [top, bottom, left, right],
  };
}
