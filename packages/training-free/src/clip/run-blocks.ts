import * as tf from '@tensorflow/tfjs-core';
import { attend, headsOf, similarities } from './attention.ts';
import type { ClipBlock } from './tower.ts';

/** Runs a block and frees what it made on the way. */
export function throughBlock(block: ClipBlock, x: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => block.forward(x));
}

/** One block with its attention in sight. (A type, so that it is a record of tensors.) */
export type SeenBlock = {
  /** [B, N, W] */
  readonly tokens: tf.Tensor3D;
  /** [B, N, N] what each token attends to, the mean over the heads. */
  readonly attention: tf.Tensor3D;
};

export interface RunBlockOptions {
  /** [N, N] added to the similarities of every head. */
  readonly bias?: tf.Tensor2D | undefined;
  /** Whether every token attends to itself alone; what it would have attended to is given all the same. */
  readonly alone?: boolean;
}

/** Runs a block on tokens [B, N, W] as it does by itself, and shows its attention. */
export function runBlock(block: ClipBlock, x: tf.Tensor3D, { bias, alone = false }: RunBlockOptions = {}): SeenBlock {
  // The weights of all heads of all blocks together would be gigabytes for a large image.
  return tf.tidy(() => {
    const { q, k, v } = headsOf(block, x);
    const scores = similarities(q, k);
    const weights = tf.softmax<tf.Tensor4D>(bias ? tf.add<tf.Tensor4D>(scores, bias) : scores);
    const [B, h, N, d] = v.shape;
    const gathered = alone
      ? (block.attn.out_proj.forward(tf.reshape(tf.transpose(v, [0, 2, 1, 3]), [B, N, h * d])) as tf.Tensor3D)
      : attend(block.attn, weights, v);
    const attended = tf.add<tf.Tensor3D>(x, gathered);
    const tokens = tf.add<tf.Tensor3D>(attended, block.mlp.forward(block.ln_2.forward(attended)));
    return { tokens, attention: tf.mean<tf.Tensor3D>(weights, 1) };
  });
}
