import type { Kernel } from '../register.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { conv2dBackpropFilter, conv2dBackpropInput } from './conv2d-backprop.ts';
import { identity } from './identity.ts';
import { maxPoolGrad } from './max-pool-grad.ts';

export const wasmKernels: readonly Kernel[] = [
  batchMatMul,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  identity,
  maxPoolGrad,
];
