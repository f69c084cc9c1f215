import type * as tf from '@tensorflow/tfjs-core';
import { depthwiseConv2dBackpropFilter, depthwiseConv2dBackpropInput } from '../host/depthwise-conv2d-grad.ts';
import { gather } from '../host/gather.ts';
import { gelu, geluGrad } from '../host/gelu.ts';
import { hostKernelOn } from '../host/host-kernel.ts';
import { interleave } from '../host/interleave.ts';
import { maxPool } from '../host/max-pool.ts';
import { maxPoolGrad } from '../host/max-pool-grad.ts';
import { reverse } from '../host/reverse.ts';
import { transpose } from '../host/transpose.ts';
import { unsortedSegmentSum } from '../host/unsorted-segment-sum.ts';
import type { Kernel } from '../kernel.ts';
import { avgPool } from './avg-pool.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { batchNorm, batchNormGrad } from './batch-norm.ts';
import { conv2dBackpropFilter, conv2dBackpropInput } from './conv2d-backprop.ts';
import { identity } from './identity.ts';
import { wasmMemory } from './memory.ts';
import { reluGrad } from './relu-grad.ts';
import { slice, split } from './slice.ts';
import { sum } from './sum.ts';

export const wasmKernels: readonly Kernel[] = [
  avgPool,
  batchMatMul,
  batchNorm,
  batchNormGrad,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  identity,
  // The engine has no gradient of a depthwise convolution.
  hostKernelOn(wasmMemory, depthwiseConv2dBackpropFilter),
  hostKernelOn(wasmMemory, depthwiseConv2dBackpropInput),
  // The engine's own find the place of each entry anew, axis by axis.
  hostKernelOn(
    wasmMemory,
    gather,
    ({ x, indices }, { axis, batchDims }) => isFloat(x) && axis === 0 && batchDims === 0 && !indices.shape.includes(0),
  ),
  hostKernelOn(wasmMemory, reverse, ({ x }, attributes) => isFloat(x) && alongFirst(attributes, x.shape)),
  hostKernelOn(wasmMemory, gelu),
  hostKernelOn(wasmMemory, geluGrad),
  hostKernelOn(wasmMemory, interleave),
  // The engine's own leaves NaN out, or makes it −∞.
  hostKernelOn(wasmMemory, maxPool, ({ x }) => isFloat(x)),
  // The engine's own loses contributions where windows overlap and breaks ties its own way (4.22).
  hostKernelOn(wasmMemory, maxPoolGrad),
  reluGrad,
  slice,
  split,
  sum,
  hostKernelOn(wasmMemory, transpose, ({ x }, { perm }) => isFloat(x) && perm.at(-1) !== perm.length - 1),
  // The engine has none; the gradient of `gather` needs it.
  hostKernelOn(wasmMemory, unsortedSegmentSum),
];

/** Whether the first axis is the only one that is reversed. */
function alongFirst(attributes: unknown, shape: readonly number[]): boolean {
  // Left out or null: all axes.
  const { dims } = attributes as { readonly dims?: number | readonly number[] | null };
  const axes = typeof dims === 'number' ? [dims] : (dims ?? []);
  return axes.length === 1 && (axes[0] === 0 || axes[0] === -shape.length) && shape.length > 0;
}

function isFloat({ dtype, shape }: tf.TensorInfo): boolean {
  return dtype === 'float32' && !shape.includes(0);
}
