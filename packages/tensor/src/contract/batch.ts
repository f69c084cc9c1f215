import type * as tf from '@tensorflow/tfjs-core';

/**
 * Images [B, H, W, 3], or features cached in any shape [B, …]; or several such tensors by name, where a method sees an
 * image in several views.
 */
export type BatchInputs = tf.Tensor | Readonly<Record<string, tf.Tensor>>;

/** One batch as tensors. The engine makes and disposes of them. */
export interface Batch<Inputs extends BatchInputs = tf.Tensor> {
  readonly inputs: Inputs;
  /** [B, C] 1 present, 0 absent. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 annotated, 0 not; a label where this is 0 means nothing. */
  readonly known: tf.Tensor2D;
}

/** A batch as a loader hands it out. */
export interface LoadedBatch<Inputs extends BatchInputs = tf.Tensor> extends Batch<Inputs> {
  /** Places of the images in the data set. */
  readonly indices: readonly number[];
}
