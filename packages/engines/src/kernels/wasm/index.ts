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

/** Kernels for the WASM engine. */
export const wasmKernels: readonly Kernel[] = [
  avgPool,
  batchMatMul,
  batchNorm,
  batchNormGrad,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  identity,
  // The engine has no gradients of depthwise convolutions.
  hostKernelOn(wasmMemory, depthwiseConv2dBackpropFilter),
  hostKernelOn(wasmMemory, depthwiseConv2dBackpropInput),
  // The engine's own kernels compute the position of each entry axis by axis.
  hostKernelOn(
    wasmMemory,
    gather,
    ({ x, indices }, { axis, batchDims }) => isFloat(x) && axis === 0 && batchDims === 0 && !indices.shape.includes(0),
  ),
  hostKernelOn(wasmMemory, reverse, ({ x }, attributes) => isFloat(x) && alongFirst(attributes, x.shape)),
  hostKernelOn(wasmMemory, gelu),
  hostKernelOn(wasmMemory, geluGrad),
  hostKernelOn(wasmMemory, interleave),
  // The engine's own kernel ignores NaN, or turns it into −∞.
  hostKernelOn(wasmMemory, maxPool, ({ x }) => isFloat(x)),
  // The engine's own kernel (4.22) loses contributions of overlapping windows, and breaks ties differently.
  hostKernelOn(wasmMemory, maxPoolGrad),
  reluGrad,
  slice,
  split,
  sum,
  hostKernelOn(wasmMemory, transpose, ({ x }, { perm }) => isFloat(x) && perm.at(-1) !== perm.length - 1),
  // The engine has no such kernel; the gradient of `gather` needs it.
  hostKernelOn(wasmMemory, unsortedSegmentSum),
];

/** Whether only the first axis is reversed. */
function alongFirst(attributes: unknown, shape: readonly number[]): boolean {
  // Undefined or null means all axes.
  const { dims } = attributes as { readonly dims?: number | readonly number[] | null };
  const axes = typeof dims === 'number' ? [dims] : (dims ?? []);
  return axes.length === 1 && (axes[0] === 0 || axes[0] === -shape.length) && shape.length > 0;
}

function isFloat({ dtype, shape }: tf.TensorInfo): boolean {
  return dtype === 'float32' && !shape.includes(0);
}
