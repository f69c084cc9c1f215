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

// The engine's own kernels reject numeric padding, and its two gradients also explicit padding.

export const conv2d: Kernel = {
  name: 'Conv2D',
  create: (original) => (call) => {
    const { x, filter } = call.inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
    if (x.dtype !== 'float32' || filter.dtype !== 'float32') return original!(call);
    const window = readWindow(x.shape, filter.shape, call.attrs as unknown as Attributes);
    return runRawOpOnce(call.backend, 'Conv2D', rawAttributes(window), [x, filter]);
  },
};

export const conv2dBackpropInput: Kernel = {
  name: 'Conv2DBackpropInput',
  create:
    () =>
    ({ inputs, attrs, backend }) =>
      tf.tidy(() => {
        const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
        const { inputShape, ...rest } = attrs as unknown as Attributes & { inputShape: Size };
        const window = readWindow(inputShape, filter.shape, rest);
        const padFirst = wantsPaddedInput(window, backend);
        const size = padFirst ? inputShape.map((n, axis) => n + sum(window.padding[axis])) : inputShape;
        const attributes = rawAttributes(padFirst ? { ...window, padding: noPadding } : window);
        const dx = runRawOpOnce(backend, 'Conv2DBackpropInput', attributes, [tf.tensor1d(size, 'int32'), filter, dy]);
        const before = window.padding.map(([first]) => first);
        return padFirst ? tf.slice(dx, before, inputShape) : dx;
      }),
};

export const conv2dBackpropFilter: Kernel = {
  name: 'Conv2DBackpropFilter',
  create:
    () =>
    ({ inputs, attrs, backend }) =>
      tf.tidy(() => {
        const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
        const { filterShape, ...rest } = attrs as unknown as Attributes & { filterShape: Size };
        const window = readWindow(x.shape, filterShape, rest);
        const padFirst = wantsPaddedInput(window, backend);
        const input = padFirst ? tf.pad(x, window.padding) : x;
        const attributes = rawAttributes(padFirst ? { ...window, padding: noPadding } : window);
        const size = tf.tensor1d(filterShape, 'int32');
        return runRawOpOnce(backend, 'Conv2DBackpropFilter', attributes, [input, size, dy]);
      }),
};

type Sides = [before: number, after: number];

interface Window {
  /** Zeros before and after each axis of x. The other lists are by the axes of x, too. */
  readonly padding: readonly [Sides, Sides, Sides, Sides] & [Sides, Sides, Sides, Sides];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly dataFormat: 'NHWC' | 'NCHW';
  /** Whether the padding equals TensorFlow's SAME. */
  readonly isSame: boolean;
}

const noPadding: Window['padding'] = [
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 0],
];

function readWindow(x: Size, filter: Size, attributes: Attributes): Window {
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat = 'NHWC' } = attributes;
  const layout = tf.backend_util.convertConv2DDataFormat(dataFormat);
  const compute = (pad: Attributes['pad'], rounding?: Attributes['dimRoundingMode']) =>
    tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, rounding, false, layout);
  const info = compute(pad, dimRoundingMode);
  const same = compute('same');
  const sides = ({ padInfo: { top, bottom, left, right }, ...it }: typeof info): [Sides, Sides] => [
    [top, met(bottom, (it.outHeight - 1) * it.strideHeight + it.effectiveFilterHeight - it.inHeight - top)],
    [left, met(right, (it.outWidth - 1) * it.strideWidth + it.effectiveFilterWidth - it.inWidth - left)],
  ];
  const inLayout = <T>(height: T, width: T, other: T): [T, T, T, T] =>
    layout === 'channelsLast' ? [other, height, width, other] : [other, other, height, width];
  return {
    padding: inLayout(...sides(info), [0, 0] as Sides),
    strides: inLayout(info.strideHeight, info.strideWidth, 1),
    dilations: inLayout(info.dilationHeight, info.dilationWidth, 1),
    dataFormat,
    isSame: `${sides(info)}` === `${sides(same)}`,
  };
}

/** The number of zeros after an axis that windows reach: with a stride, the last window may end before them. */
function met(zeros: number, reach: number): number {
  return Math.max(0, Math.min(zeros, reach));
}

function rawAttributes({ padding, strides, dilations, dataFormat, isSame }: Window): RawAttributes {
  const name = sum(padding.flat()) === 0 ? 'VALID' : isSame ? 'SAME' : 'EXPLICIT';
  return {
    ints: { strides, dilations, ...(name === 'EXPLICIT' && { explicit_paddings: padding.flat() }) },
    strings: { padding: name, data_format: dataFormat },
  };
}

/**
 * Whether to pad x before computing a gradient. For explicit padding on a CPU, TensorFlow has no oneDNN gradient, only
 * its own kernel, which takes two to five times as long.
 */
function wantsPaddedInput({ padding, isSame }: Window, backend: unknown): boolean {
  const { isUsingGpuDevice } = backend as { isUsingGpuDevice?: boolean };
  return sum(padding.flat()) > 0 && !isSame && !isUsingGpuDevice;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
