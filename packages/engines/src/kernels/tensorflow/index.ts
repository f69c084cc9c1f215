import type { Kernel } from '../kernel.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { batchNorm, batchNormGrad } from './batch-norm.ts';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.ts';
import { expandDims } from './expand-dims.ts';
import { gather } from './gather.ts';
import { gelu, geluGrad } from './gelu.ts';
import { maxPool, maxPoolGrad } from './max-pool.ts';
import { searchSorted } from './search-sorted.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/** Kernels for both native TensorFlow engines. */
export const tensorflowKernels: readonly Kernel[] = [
  batchMatMul,
  batchNorm,
  batchNormGrad,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  expandDims,
  gather,
  gelu,
  geluGrad,
  maxPool,
  maxPoolGrad,
  searchSorted,
  softmaxCrossEntropy,
];
