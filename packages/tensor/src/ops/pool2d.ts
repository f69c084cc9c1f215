import * as tf from '@tensorflow/tfjs-core';
import { checkFlag, checkOptionNames } from '../check-options.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { emptyOf } from './empty.ts';
import { outputSize, type Pair, readPair, type Window } from './window.ts';

/** Options of {@link maxPool2d}. */
export interface Pool2dOptions {
  /** Height and width of a window. */
  readonly kernel: Pair;
  /** Step between windows; default the size of the kernel. */
  readonly stride?: Pair;
  /** Cells added before and after each axis, at most half the kernel; default 0. */
  readonly padding?: Pair;
}

/** Options of {@link avgPool2d}. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether padded cells count in the divisor, as in PyTorch; default true. */
  readonly countIncludePad?: boolean;
}

/**
 * Maximum over windows. Padded cells are −∞ and never win. The gradient goes to the first maximum in row order.
 *
 * Edge cases: NaN in a window gives NaN, as in PyTorch; −∞ only gives −∞. WebGPU and TensorFlow.js' own kernels may
 * ignore NaN.
 *
 * An incomplete last window is left out (PyTorch's `ceil_mode=False`).
 *
 * @param x [B, H, W, C]
 * @returns [B, floor((H + 2p − k) / s) + 1, likewise for W, C]
 * @throws ShapeError, OptionError
 */
export function maxPool2d(x: tf.Tensor, options: Pool2dOptions): tf.Tensor4D {
  const { kernel, stride, padding } = readWindow('maxPool2d', x, options, []);
  const [B, H, W, C] = (x as tf.Tensor4D).shape;
  if (x.size === 0) {
    const size = outputSize('maxPool2d', [H, W], { kernel, stride, padding, dilation: [1, 1] });
    return emptyOf(x, [B, ...size, C]);
  }
  return tf.tidy(() => tf.maxPool(asFloat(x) as tf.Tensor4D, kernel, stride, explicit(padding)));
}

/**
 * Mean over windows. Padded cells are 0 and count, unless `countIncludePad` is false.
 *
 * @param x [B, H, W, C]
 * @returns [B, floor((H + 2p − k) / s) + 1, likewise for W, C]
 * @throws ShapeError, OptionError
 */
export function avgPool2d(x: tf.Tensor, options: AvgPool2dOptions): tf.Tensor4D {
  const window = readWindow('avgPool2d', x, options, ['countIncludePad']);
  const { countIncludePad = true } = options;
  checkFlag('avgPool2d', 'options.countIncludePad', countIncludePad);
  const { kernel, stride, padding } = window;
  const [rows, columns] = padding;
  const [B, H, W, C] = (x as tf.Tensor4D).shape;
  return tf.tidy(() => {
    const maps = asFloat(x) as tf.Tensor4D;
    if (maps.size === 0) {
      const size = outputSize('avgPool2d', [H, W], { ...window, dilation: [1, 1] });
      return emptyOf(maps, [B, ...size, C]);
    }
    if (rows + columns === 0) return tf.avgPool(maps, kernel, stride, 'valid');
    const padded = tf.pad(maps, explicit(padding) as [number, number][]);
    const mean = tf.avgPool(padded, kernel, stride, 'valid');
    // TensorFlow.js' own padding leaves out padded cells, but its gradient does not.
    return countIncludePad ? mean : tf.mul(mean, shareOfImage(maps.shape, mean.shape, window));
  });
}

/** [1, H, W, 1] the factor that turns a mean over all cells of a window into a mean over its cells in the image. */
function shareOfImage(input: tf.Tensor4D['shape'], output: tf.Tensor4D['shape'], window: PoolWindow): tf.Tensor4D {
  const [rows, columns] = [0, 1].map((axis) =>
    Array.from({ length: output[axis + 1] }, (_, at) => {
      const start = at * window.stride[axis] - window.padding[axis];
      const end = Math.min(start + window.kernel[axis], input[axis + 1]);
      return window.kernel[axis] / (end - Math.max(start, 0));
    }),
  );
  return tf.tensor4d(
    rows.flatMap((row) => columns.map((column) => row * column)),
    [1, rows.length, columns.length, 1],
  );
}

/**
 * Mean over all rows and columns.
 *
 * @param x [B, H, W, C]
 * @returns [B, C]
 * @throws ShapeError if a map has no cells
 */
export function globalAveragePool(x: tf.Tensor): tf.Tensor2D {
  const { B, H, W, C } = checkShapes('globalAveragePool', { x: [x, 'B H W C'] });
  if (H * W === 0) {
    throw new ShapeError({
      where: 'globalAveragePool',
      argument: 'x',
      expected: '[B, H, W, C] with at least one cell',
      received: `[${x.shape.join(', ')}]`,
    });
  }
  return B * C === 0 ? emptyOf(x, [B, C]) : tf.tidy(() => tf.mean(asFloat(x), [1, 2]));
}

type PoolWindow = { readonly [K in 'kernel' | 'stride' | 'padding']: [height: number, width: number] };

function readWindow(where: string, x: tf.Tensor, options: Pool2dOptions, more: readonly string[]): PoolWindow {
  checkOptionNames(where, options, ['kernel', 'stride', 'padding', ...more]);
  const { H, W } = checkShapes(where, { x: [x, 'B H W C'] });
  const kernel = readPair(where, 'kernel', options.kernel, 1);
  const stride = readPair(where, 'stride', options.stride ?? options.kernel, 1);
  const padding = readPair(where, 'padding', options.padding ?? 0, 0);
  // A window must touch the image; otherwise its maximum would be −∞ and its mean 0/0.
  if (padding.some((size, axis) => 2 * size > kernel[axis])) {
    throw new OptionError({
      where,
      argument: 'options.padding',
      expected: `at most half the kernel of [${kernel.join(', ')}]`,
      received: `[${padding.join(', ')}]`,
    });
  }
  const window: Window = { kernel, stride, padding, dilation: [1, 1] };
  outputSize(where, [H, W], window);
  return { kernel, stride, padding };
}

function explicit([rows, columns]: readonly [number, number]): 'valid' | tf.backend_util.ExplicitPadding {
  if (rows + columns === 0) return 'valid';
  return [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ];
}
