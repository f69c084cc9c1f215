import * as tf from '@tensorflow/tfjs-core';
import { runKernelOr } from './run-kernel.ts';

/** A convolution over [height, width]. A negative padding crops. */
export interface Convolution {
  readonly stride: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
  readonly padding: readonly [top: number, bottom: number, left: number, right: number];
}

/**
 * The engine's forward convolution with stride and dilation together. `tf.conv2d` refuses that, though its kernels can
 * do it.
 *
 * @param x [B, H, W, I]
 * @param filter [kH, kW, I, O]
 */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, convolution: Convolution): tf.Tensor4D {
  const { stride, dilation, padding } = convolution;
  const [top, bottom, left, right] = padding.map((size) => Math.max(size, 0));
  return tf.engine().runKernel('Conv2D', { x: crop(x, padding), filter }, {
    strides: [...stride],
    dilations: [...dilation],
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    dataFormat: 'NHWC',
  } as unknown as tf.NamedAttrMap);
}

function crop(x: tf.Tensor4D, padding: Convolution['padding']): tf.Tensor4D {
  const [top, bottom, left, right] = padding.map((size) => Math.max(-size, 0));
  if (top + bottom + left + right === 0) return x;
  const [batch, height, width, channels] = x.shape;
  return tf.slice(x, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
}

/**
 * The gradient of a convolution with respect to its filter, computed as a convolution: channels take the place of
 * images, the output's gradient is the filter, and stride and dilation are swapped.
 *
 * dF[i, j, c, o] = Σ_{b, y, x} X[b, y·s + i·d − p, x·s + j·d − p, c] · dY[b, y, x, o]
 */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernel: readonly [number, number],
  convolution: Convolution,
): tf.Tensor4D {
  const { stride, dilation, padding } = convolution;
  if (kernel[0] * kernel[1] === 1 && padding.every((size) => size === 0)) return pointFilterGradient(x, dy, stride);
  const gradient = convolve(tf.transpose(x, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), {
    stride: dilation,
    dilation: stride,
    padding,
  });
  // If the stride leaves rows over at the end of the image, the result is larger than the kernel.
  const trimmed = tf.slice(gradient, [0, 0, 0, 0], [x.shape[3], kernel[0], kernel[1], dy.shape[3]]);
  return tf.transpose(trimmed, [1, 2, 0, 3]);
}

/** The same for a kernel of one tap: a single matrix multiplication. */
function pointFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, stride: Convolution['stride']): tf.Tensor4D {
  const [I, O] = [x.shape[3], dy.shape[3]];
  const gradient = tf.matMul(tf.reshape(subsample(x, dy, stride), [-1, I]), tf.reshape(dy, [-1, O]), true);
  return tf.reshape(gradient, [1, 1, I, O]);
}

/** Every s-th row and column of x, as many as dy has. It slices twice, because engines are slow at strided slices. */
function subsample(x: tf.Tensor4D, dy: tf.Tensor4D, [sH, sW]: Convolution['stride']): tf.Tensor4D {
  if (sH * sW === 1) return x;
  const [B, H, W, C] = x.shape;
  const [, rows, columns] = dy.shape;
  const [below, right] = [rows * sH - H, columns * sW - W];
  const cropped = crop(x, [0, below, 0, right]);
  const missing: [number, number][] = [0, below, right, 0].map((size) => [0, Math.max(size, 0)]);
  const whole = below > 0 || right > 0 ? tf.pad(cropped, missing) : cropped;
  const grouped = tf.reshape<tf.Rank.R4>(whole, [B * rows, sH, columns, sW * C]);
  return tf.reshape(tf.slice(grouped, [0, 0, 0, 0], [B * rows, 1, columns, C]), [B, rows, columns, C]);
}

/**
 * The gradient of a convolution with respect to its input. Positions with the same remainder r modulo the stride s are
 * reached by the same kernel rows, those with i·d ≡ r + p (mod s). So each remainder is a convolution of stride 1 over
 * dY, and no zeros are multiplied.
 */
export function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  size: readonly [height: number, width: number],
  convolution: Convolution,
): tf.Tensor4D {
  const { stride, dilation, padding } = convolution;
  const flipped = tf.transpose(filter, [0, 1, 3, 2]);
  const rows = phases(size[0], dy.shape[1], filter.shape[0], stride[0], dilation[0], padding[0]);
  const columns = phases(size[1], dy.shape[2], filter.shape[1], stride[1], dilation[1], padding[2]);
  const parts = rows.map((row) => columns.map((column) => phaseGradient(dy, flipped, row, column)));
  return interleave(parts, size);
}

/** The kernel rows that reach the positions of one remainder, last first, and the paddings for sliding them over dY. */
interface Phase {
  readonly taps: readonly number[];
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

function phases(
  size: number,
  outputs: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
): Phase[] {
  const length = Math.ceil(size / stride);
  return Array.from({ length: stride }, (_, rest) => {
    const all = Array.from({ length: kernel }, (_, i) => i);
    const taps = all.filter((i) => (rest + padding - i * dilation) % stride === 0).reverse();
    if (taps.length === 0) return { taps, dilation: 1, before: 0, after: 0, length };
    // Position rest + stride·m reads dY at m + offset, one offset for each tap.
    const offsets = taps.map((i) => (rest + padding - i * dilation) / stride);
    const last = offsets[offsets.length - 1];
    return {
      taps,
      dilation: offsets.length > 1 ? offsets[1] - offsets[0] : 1,
      before: -offsets[0],
      after: length + last - outputs,
      length,
    };
  });
}

function phaseGradient(dy: tf.Tensor4D, flipped: tf.Tensor4D, row: Phase, column: Phase): tf.Tensor4D {
  const channels = flipped.shape[3];
  if (row.taps.length === 0 || column.taps.length === 0) {
    return tf.zeros([dy.shape[0], row.length, column.length, channels]);
  }
  return convolve(dy, takeTaps(takeTaps(flipped, row.taps, 0), column.taps, 1), {
    stride: [1, 1],
    dilation: [row.dilation, column.dilation],
    padding: [row.before, row.after, column.before, column.after],
  });
}

function takeTaps(filter: tf.Tensor4D, taps: readonly number[], axis: 0 | 1): tf.Tensor4D {
  if (taps.length === filter.shape[axis]) return taps.length === 1 ? filter : tf.reverse(filter, axis);
  const size = [...filter.shape];
  size[axis] = 1;
  const slices = taps.map((tap) => tf.slice(filter, axis === 0 ? [tap, 0, 0, 0] : [0, tap, 0, 0], size));
  return slices.length === 1 ? slices[0] : tf.concat(slices, axis);
}

/** Puts position [m, n] of part [r][q] at [r + s·m, q + t·n], for s × t parts; cuts the result to `size`. */
function interleave(parts: tf.Tensor4D[][], [height, width]: readonly [number, number]): tf.Tensor4D {
  const [s, t] = [parts.length, parts[0].length];
  if (s * t === 1) return parts[0][0];
  const named = Object.fromEntries(parts.flat().map((part, i) => [`${i}`, part]));
  return runKernelOr('ltml/Interleave', named, { rows: s, columns: t, height, width }, () => {
    const [B, M, N, C] = parts[0][0].shape;
    const wide = parts.map((row) => tf.reshape(tf.stack(row, 3), [B, M, N * t, C]));
    return tf.slice<tf.Rank.R4, tf.Tensor4D>(
      tf.reshape(tf.stack(wide, 2), [B, M * s, N * t, C]),
      [0, 0, 0, 0],
      [B, height, width, C],
    );
  });
}
