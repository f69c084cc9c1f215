import { batchNorm, batchNormGrad } from '../host/batch-norm.ts';
import { gelu, geluGrad } from '../host/gelu.ts';
import { hostKernelOn } from '../host/host-kernel.ts';
import { maxPoolGrad } from '../host/max-pool-grad.ts';
import type { Kernel } from '../kernel.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { conv2dBackpropFilter, conv2dBackpropInput } from './conv2d-backprop.ts';
import { identity } from './identity.ts';
import { wasmMemory } from './memory.ts';

export const wasmKernels: readonly Kernel[] = [
  batchMatMul,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  identity,
  hostKernelOn(wasmMemory, batchNorm),
  hostKernelOn(wasmMemory, batchNormGrad),
  hostKernelOn(wasmMemory, gelu),
  hostKernelOn(wasmMemory, geluGrad),
  // The engine's own loses contributions where windows overlap and breaks ties its own way (4.22).
  hostKernelOn(wasmMemory, maxPoolGrad),
];
