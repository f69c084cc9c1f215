import type { Kernel } from '../kernel.ts';
import { nativeKernel } from './native-kernel.ts';

const heads = { heads: 'heads', causal: 'causal' };
const epsilon = { epsilon: 'epsilon' };

/** Layers and their gradients in one pass, with the ops of `native/kernels`. They exist only for the CPU. */
export const layerKernels: readonly Kernel[] = [
  nativeKernel('Gelu', { inputs: ['x'] }),
  nativeKernel('GeluGrad', { inputs: ['dy', 'x'] }),
  /** x [..., D], gamma [D], beta [D] → [..., D] */
  nativeKernel('LayerNorm', { inputs: ['x', 'gamma', 'beta'], attributes: epsilon }),
  /** Gradients of x, gamma and beta. */
  nativeKernel('LayerNormGrad', { inputs: ['dy', 'x', 'gamma'], attributes: epsilon, outputs: 3 }),
  nativeKernel('ReluGrad', { inputs: ['dy', 'y'] }),
];

/**
 * Multi-head self-attention and its gradient: joined queries, keys and values [B, L, 3 · D] → [B, L, D]. Attributes:
 * heads, and causal, which is 1 or 0. They compute with vectors of 16 floats. On `portable` processors they would be
 * slower than TensorFlow's ops, so they are not used there.
 */
export const attentionKernels: readonly Kernel[] = [
  nativeKernel('SelfAttention', { inputs: ['joined'], attributes: heads }),
  nativeKernel('SelfAttentionGrad', { inputs: ['dy', 'joined'], attributes: heads }),
];
