import { avgPool2d, BatchNorm, type Conv2d, convBatchNorm, type Initializer, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { convolution } from './initial.ts';

/** The layers with PyTorch's numbers; in a ResNet-D a pooling comes first. */
export type Shortcut = readonly [Conv2d, BatchNorm] | readonly [undefined, Conv2d, BatchNorm];

/** Options of {@link shortcut}. */
export interface ShortcutOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;
  /** Whether an average pooling before the convolution replaces its stride. */
  readonly averaged: boolean;
  readonly initializer: Initializer;
  readonly random: RandomStream | undefined;
}

/**
 * A 1 × 1 convolution and a batch norm; undefined if the shape does not change, because the shortcut is then x itself.
 */
export function shortcut({ averaged, ...options }: ShortcutOptions): Shortcut | undefined {
  const { inChannels, outChannels, stride } = options;
  if (stride === 1 && inChannels === outChannels) return undefined;
  const norm = new BatchNorm({ channels: outChannels });
  return averaged
    ? [undefined, convolution({ ...options, kernel: 1, stride: 1 }), norm]
    : [convolution({ ...options, kernel: 1 }), norm];
}

/** Runs the shortcut. @param stride of the block */
export function runShortcut(layers: Shortcut | undefined, x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (!layers) return x;
  if (layers.length === 2) return convBatchNorm(...layers, x);
  const [, conv, norm] = layers;
  return convBatchNorm(conv, norm, stride === 1 ? x : averageOver2(x));
}

/**
 * Means over 2 × 2; at an odd last row or column over the existing places only (PyTorch's `ceil_mode`, not counting
 * padding).
 */
function averageOver2(x: tf.Tensor4D): tf.Tensor4D {
  return avgPool2d(evenAlong(2, evenAlong(1, x)), { kernel: 2 });
}

/** Repeats an odd last row or column, which does not change its mean. */
function evenAlong(axis: 1 | 2, x: tf.Tensor4D): tf.Tensor4D {
  const length = x.shape[axis];
  if (length % 2 === 0) return x;
  const begin: [number, number, number, number] = [0, 0, 0, 0];
  begin[axis] = length - 1;
  return tf.concat([x, tf.slice(x, begin, [-1, -1, -1, -1])], axis);
}
