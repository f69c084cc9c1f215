import type { Kernel } from '../kernel.ts';
import { nativeKernel } from './native-kernel.ts';

const heads = { heads: 'heads', causal: 'causal' };
const epsilon = { epsilon: 'epsilon' };

/** Layers and their gradients in one pass, by the ops of `native/kernels`. They are on the CPU alone. */
export const layerKernels: readonly Kernel[] = [
  nativeKernel('Gelu', { inputs: ['x'] }),
  nativeKernel('GeluGrad', { inputs: ['dy', 'x'] }),
  /** x [..., D], gamma [D], beta [D] → [..., D] */
  nativeKernel('LayerNorm', { inputs: ['x', 'gamma', 'beta'], attributes: epsilon }),
  /** The gradients by x, gamma and beta. */
  nativeKernel('LayerNormGrad', { inputs: ['dy', 'x', 'gamma'], attributes: epsilon, outputs: 3 }),
  nativeKernel('ReluGrad', { inputs: ['dy', 'y'] }),
];

/**
 * Multi-head self-attention and its gradient: joined [B, L, 3 · D] → [B, L, D]; attributes heads, and causal: 1 or 0. Their
 * products of matrices live in registers of 16 floats; without such they would be slower than TensorFlow's ops.
 */
export const attentionKernels: readonly Kernel[] = [
  nativeKernel('SelfAttention', { inputs: ['joined'], attributes: heads }),
  nativeKernel('SelfAttentionGrad', { inputs: ['dy', 'joined'], attributes: heads }),
];
