import { type Module, recompute } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** A block of a residual network: [B, H, W, I] → [B, H′, W′, O]. */
export interface ResidualBlock extends Module {
  /** O, the number of output channels. */
  readonly outChannels: number;
  forward(x: tf.Tensor4D): tf.Tensor4D;
}

/**
 * Runs a block and frees its intermediate results, unless a gradient needs them.
 *
 * @param recomputing whether the activations are recomputed in the backward pass instead of stored
 */
export function runBlock<X extends tf.Tensor>(block: Module & { forward(x: X): X }, x: X, recomputing: boolean): X {
  const forward = (x: X): X => tf.tidy(() => block.forward(x));
  return recomputing ? recompute(block, forward, x) : forward(x);
}

/** Runs the blocks of a stage one after the other. */
export function runLayer(blocks: readonly ResidualBlock[], x: tf.Tensor4D, recomputing: boolean): tf.Tensor4D {
  return blocks.reduce((input, block, i) => {
    const output = runBlock(block, input, recomputing);
    if (i > 0) input.dispose();
    return output;
  }, x);
}
