import * as tf from '@tensorflow/tfjs-core';
import { attend, headsOf, similarities } from './attention.ts';
import type { ClipBlock } from './tower.ts';

/** Runs a block and disposes its intermediate tensors. */
export function throughBlock(block: ClipBlock, x: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => block.forward(x));
}

/**
 * The output of a block with its attention. (A type, not an interface, because `tf.tidy` does not accept an interface.)
 */
export type SeenBlock = {
  /** [B, N, W] */
  readonly tokens: tf.Tensor3D;
  /** [B, N, N] attention weights, averaged over the heads. */
  readonly attention: tf.Tensor3D;
};

export interface RunBlockOptions {
  /** [N, N] added to the similarities of every head. */
  readonly bias?: tf.Tensor2D | undefined;
  /**
   * Lets every token attend to itself only. The returned attention is still that of the unchanged block. Default false.
   */
  readonly alone?: boolean;
}

/** Runs a block on tokens [B, N, W] and returns its attention too. */
export function runBlock(block: ClipBlock, x: tf.Tensor3D, { bias, alone = false }: RunBlockOptions = {}): SeenBlock {
  // Dispose the weights of each block at once: for a large image those of all blocks would take gigabytes.
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
