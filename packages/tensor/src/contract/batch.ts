import type * as tf from '@tensorflow/tfjs-core';

/**
 * The inputs of a batch: images [B, H, W, 3], or cached features of any shape [B, …]. A method that sees several views
 * of an image gets several such tensors by name.
 */
export type BatchInputs = tf.Tensor | Readonly<Record<string, tf.Tensor>>;

/** One batch as tensors. The engine creates and disposes them. */
export interface Batch<Inputs extends BatchInputs = tf.Tensor> {
  readonly inputs: Inputs;
  /** [B, C] 1 present, 0 absent. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 known, 0 not; where it is 0 the label has no meaning. */
  readonly known: tf.Tensor2D;
}

/** A batch as the loader returns it. */
export interface LoadedBatch<Inputs extends BatchInputs = tf.Tensor> extends Batch<Inputs> {
  /** Indices of the images in the data set. */
  readonly indices: readonly number[];
}
