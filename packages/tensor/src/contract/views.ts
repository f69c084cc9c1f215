import type * as tf from '@tensorflow/tfjs-core';

/** The sizes of the views that a stage needs; its inputs are then {@link Views}. */
export interface ViewSizes {
  /** S, side of the two views, in pixels. */
  readonly viewSize: number;
  /** s, side of a patch, in pixels. */
  readonly patchSize: number;
  /** L, number of patches; may be 0. */
  readonly patches: number;
}

/** Two views of each image, and patches of the first view. (A type, because inputs are a record of tensors.) */
export type Views = {
  /** [B, S, S, 3] the first view. */
  readonly query: tf.Tensor;
  /** [B, S, S, 3] the second view. */
  readonly key: tf.Tensor;
  /** [B, L, s, s, 3] the patches; left out, with the boxes, if L is 0. */
  readonly patches?: tf.Tensor;
  /** [B, L, 4] left, top, right, bottom of each patch, in pixels of the query view. */
  readonly boxes?: tf.Tensor;
};
