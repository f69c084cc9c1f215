import type * as tf from '@tensorflow/tfjs-core';

/** The sizes of the views that a stage asks for; its inputs are {@link Views} then. */
export interface ViewSizes {
  /** S */
  readonly viewSize: number;
  /** s */
  readonly patchSize: number;
  /** L, may be 0. */
  readonly patches: number;
}

/** Two views of each image, and patches of the first. (A type, so that it is a record of tensors.) */
export type Views = {
  /** [B, S, S, 3] */
  readonly query: tf.Tensor;
  /** [B, S, S, 3] */
  readonly key: tf.Tensor;
  /** [B, L, s, s, 3]; left out where L is 0, and so are the boxes. */
  readonly patches?: tf.Tensor;
  /** [B, L, 4] left, top, right, bottom of the patches in pixels of the query view. */
  readonly boxes?: tf.Tensor;
};
