import { avgPool2d, BatchNorm, type Conv2d, convBatchNorm, type Initializer, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { convolution } from './initial.ts';

/** As PyTorch numbers the layers: those of a ResNet-D follow a pooling. */
export type Shortcut = readonly [Conv2d, BatchNorm] | readonly [undefined, Conv2d, BatchNorm];

export interface ShortcutOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;
  /** Whether the stride is an average pooling before the convolution. */
  readonly averaged: boolean;
  readonly initializer: Initializer;
  readonly random: RandomStream | undefined;
}

/** A 1 × 1 convolution and a batch norm; undefined where the shape does not change, so that the shortcut is x itself. */
export function shortcut({ averaged, ...options }: ShortcutOptions): Shortcut | undefined {
  const { inChannels, outChannels, stride } = options;
  if (stride === 1 && inChannels === outChannels) return undefined;
  const norm = new BatchNorm({ channels: outChannels });
  return averaged
    ? [undefined, convolution({ ...options, kernel: 1, stride: 1 }), norm]
    : [convolution({ ...options, kernel: 1 }), norm];
}

/** @param stride of the block */
export function runShortcut(layers: Shortcut | undefined, x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (!layers) return x;
  if (layers.length === 2) return convBatchNorm(...layers, x);
  const [, conv, norm] = layers;
  return convBatchNorm(conv, norm, stride === 1 ? x : averageOver2(x));
}

/** Means over 2 × 2, of what is there at an odd last row or column (PyTorch's `ceil_mode`, without padding in the count). */
function averageOver2(x: tf.Tensor4D): tf.Tensor4D {
  return avgPool2d(evenAlong(2, evenAlong(1, x)), { kernel: 2 });
}

/** Repeats the last row or column if there is an odd number of them, which leaves its mean as it is. */
function evenAlong(axis: 1 | 2, x: tf.Tensor4D): tf.Tensor4D {
  const length = x.shape[axis];
  if (length % 2 === 0) return x;
  const begin: [number, number, number, number] = [0, 0, 0, 0];
  begin[axis] = length - 1;
  return tf.concat([x, tf.slice(x, begin, [-1, -1, -1, -1])], axis);
}
