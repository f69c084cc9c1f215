import { linear } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ClipAttention, ClipBlock } from './tower.ts';

/** Queries, keys and values of a block, split into heads: [B, h, N, d] each. */
export interface Heads {
  readonly q: tf.Tensor4D;
  readonly k: tf.Tensor4D;
  readonly v: tf.Tensor4D;
}

/** Queries, keys and values of a block for its input [B, N, W]. Applies the block's first norm. */
export function headsOf({ ln_1, attn }: ClipBlock, x: tf.Tensor3D): Heads {
  const [B, N, W] = x.shape;
  const { heads } = attn;
  const joined = linear(ln_1.forward(x), attn.in_proj_weight.variable, attn.in_proj_bias.variable);
  const parted = tf.transpose(tf.reshape(joined, [B, N, 3, heads, W / heads]), [2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(parted) as tf.Tensor4D[];
  return { q, k, v };
}

/** Scaled similarities a · bᵀ / √d of each head, [B, h, N, N]. */
export function similarities(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  // Scale before the multiplication, whose result is the larger tensor.
  return tf.matMul(tf.mul<tf.Tensor4D>(a, a.shape[3] ** -0.5), b, false, true);
}

/**
 * Self-correlation attention of a block, [B, h, N, N]: softmax(q · qᵀ / √d) + softmax(k · kᵀ / √d). Queries attend to
 * queries and keys to keys. Rows sum to 2.
 *
 * Source: Wang et al. (SCLIP), ECCV 2024.
 */
export function selfMap({ q, k }: Heads): tf.Tensor4D {
  return tf.tidy(() => tf.add(tf.softmax(similarities(q, q)), tf.softmax(similarities(k, k))));
}

/**
 * Applies attention weights [B, h, N, N] to values [B, h, N, d], joins the heads and applies the output projection: [B,
 * N, W].
 */
export function attend({ out_proj }: ClipAttention, weights: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor3D {
  const [B, h, N, d] = v.shape;
  const gathered = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]);
  return out_proj.forward(tf.reshape(gathered, [B, N, h * d])) as tf.Tensor3D;
}
