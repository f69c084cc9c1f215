import { attention } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

export interface SelfAttentionOptions {
  readonly heads: number;
  /** Whether a token sees itself and those before it only. */
  readonly causal: boolean;
}

/**
 * Attention of tokens to each other, from queries, keys and values side by side.
 *
 * @param joined [B, L, 3 · D], the queries first
 * @returns [B, L, D]
 */
export function selfAttention(joined: tf.Tensor, options: SelfAttentionOptions): tf.Tensor3D {
  const [q, k, v] = tf.split(joined, 3, -1);
  return attention(q, k, v, options);
}
