import * as tf from '@tensorflow/tfjs-core';
import { checkOptionNames } from '../check-options.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { type Convolution, convolve, filterGradient, inputGradient } from './convolve.ts';
import { customGradient } from './custom-gradient.ts';
import { outputSize, type Pair, readPair } from './window.ts';

/** Options of {@link conv2d}. */
export interface Conv2dOptions {
  /** Step between windows; default 1. */
  readonly stride?: Pair;
  /** Zeros added before and after each axis; default 0. */
  readonly padding?: Pair;
  /** Distance between the taps of the kernel; default 1. */
  readonly dilation?: Pair;
  /** Number of channel groups, each with its own kernels; default 1. */
  readonly groups?: number;
}

/**
 * Convolution (cross-correlation) with PyTorch's explicit, symmetric padding.
 *
 * y[b, y, x, o] = Σ_{i, j, c} x[b, y·s + i·d − p, x·s + j·d − p, c] · filter[i, j, c, o]. TensorFlow's `'same'` pads
 * differently if the stride is not 1.
 *
 * Axes: B images, H height, W width, I and O channels in and out, kH × kW the kernel.
 *
 * Edge cases: no images give an empty tensor. With several groups, NaN and ∞ in one may spread to the others. WASM's
 * own convolution gives −∞ for NaN.
 *
 * @param x [B, H, W, I]; whole numbers, e.g. int32 images, are cast to float
 * @param filter [kH, kW, I / groups, O]; group k maps the k-th part of the input channels to the k-th of the output
 * @returns [B, floor((H + 2p − d·(kH − 1) − 1) / s) + 1, likewise for W, O]
 * @throws ShapeError, OptionError
 */
export function conv2d(x: tf.Tensor, filter: tf.Tensor, options: Conv2dOptions = {}): tf.Tensor4D {
  checkOptionNames('conv2d', options, ['stride', 'padding', 'dilation', 'groups']);
  const { B, H, W, I, kH, kW, J, O } = checkShapes('conv2d', { x: [x, 'B H W I'], filter: [filter, 'kH kW J O'] });
  const groups = options.groups ?? 1;
  checkGroups(groups, I, J, O);
  const stride = readPair('conv2d', 'stride', options.stride ?? 1, 1);
  const padding = readPair('conv2d', 'padding', options.padding ?? 0, 0);
  const dilation = readPair('conv2d', 'dilation', options.dilation ?? 1, 1);
  const size = outputSize('conv2d', [H, W], { kernel: [kH, kW], stride, padding, dilation });
  const convolution: Convolution = {
    stride,
    dilation,
    padding: [padding[0], padding[0], padding[1], padding[1]],
  };
  return tf.tidy(() => {
    const [maps, taps] = [asFloat(x) as tf.Tensor4D, asFloat(filter) as tf.Tensor4D];
    if (B * I * O === 0) return nothingConvolved(maps, taps, [B, ...size, O]);
    if (groups === 1) return differentiableConvolve(maps, taps, convolution);
    return groupedConvolve(maps, taps, groups, convolution);
  });
}

/** The result without images or channels: zeros with zero gradients. */
function nothingConvolved(x: tf.Tensor4D, filter: tf.Tensor4D, shape: number[]): tf.Tensor4D {
  return customGradient(
    [x, filter],
    () => ({ value: tf.zeros<tf.Rank.R4>(shape as [number, number, number, number]), saved: [x, filter] }),
    (_, [x, filter]) => [tf.zeros(x.shape), tf.zeros(filter.shape)],
  );
}

/** From this number of input channels, a dense convolution is fast enough to pay for multiplying by zeros. */
const denseChannels = 32;

/**
 * A grouped convolution as a few dense ones. Neighbouring groups share one convolution, whose filter has the groups'
 * filters as diagonal blocks and zeros elsewhere.
 */
function groupedConvolve(x: tf.Tensor4D, filter: tf.Tensor4D, groups: number, convolution: Convolution): tf.Tensor4D {
  const [, , J, O] = filter.shape;
  let together = Math.max(1, Math.min(groups, Math.floor(denseChannels / J)));
  while (groups % together !== 0) together--;
  const parts = groups / together;
  const outputs = O / parts;
  const blocks = Float32Array.from({ length: together * J * outputs }, (_, at) => {
    const [input, output] = [Math.floor(at / outputs), at % outputs];
    return Math.floor(input / J) === Math.floor((output * together) / outputs) ? 1 : 0;
  });
  const diagonal = tf.tensor4d(blocks, [1, 1, together * J, outputs]);
  const inputs = splitChannels(x, parts);
  const filters = splitChannels(filter, parts);
  const results = inputs.map((input, part) => {
    const repeated = tf.concat(new Array<tf.Tensor4D>(together).fill(filters[part]), 2);
    const dense = together === 1 ? filters[part] : tf.mul<tf.Tensor4D>(repeated, diagonal);
    return differentiableConvolve(input, dense, convolution);
  });
  return parts === 1 ? results[0] : tf.concat(results, 3);
}

/** The gradient of TensorFlow.js' split fails for a single part. */
function splitChannels(x: tf.Tensor4D, parts: number): tf.Tensor4D[] {
  return parts === 1 ? [x] : tf.split<tf.Tensor4D>(x, parts, 3);
}

function differentiableConvolve(x: tf.Tensor4D, filter: tf.Tensor4D, convolution: Convolution): tf.Tensor4D {
  // The engine's own gradient computes only the requested side, but does not support dilation.
  if (convolution.dilation.every((step) => step === 1)) return convolve(x, filter, convolution);
  return customGradient(
    [x, filter],
    () => ({ value: convolve(x, filter, convolution), saved: [x, filter] }),
    (dy, [x, filter]) => [
      inputGradient(dy, filter, [x.shape[1], x.shape[2]], convolution),
      filterGradient(x, dy, [filter.shape[0], filter.shape[1]], convolution),
    ],
  );
}

function checkGroups(groups: number, channels: number, channelsOfGroup: number, outputs: number): void {
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0 || outputs % groups !== 0) {
    throw new OptionError({
      where: 'conv2d',
      argument: 'options.groups',
      expected: `a divisor of the channels in and out, ${channels} and ${outputs}`,
      received: `${groups}`,
    });
  }
  if (channelsOfGroup * groups === channels) return;
  throw new ShapeError({
    where: 'conv2d',
    argument: 'filter',
    expected: `[kH, kW, I / groups = ${channels / groups}, O], to fit x`,
    received: `${channelsOfGroup} input channels in a group`,
  });
}
