import { checkShapes } from '@ltml/tensor';
import type { ViewLayout } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** What stage 1 sees of its images. Axes: B images, S and s sides, L patches. */
export interface Views {
  /** [B, S, S, 3] */
  readonly query: tf.Tensor4D;
  /** [B, S, S, 3] */
  readonly key: tf.Tensor4D;
  /** L tensors [B, s, s, 3] */
  readonly patches: readonly tf.Tensor4D[];
  /** [B, L, 4] left, top, right, bottom of the patches in pixels of the query view. */
  readonly boxes: tf.Tensor3D;
}

/** Takes the inputs of a batch apart that have the given layout, [B, P]. */
export function unpackViews(inputs: tf.Tensor, { viewSize, patchSize, patches }: ViewLayout): Views {
  const view = viewSize * viewSize * 3;
  const patch = patchSize * patchSize * 3;
  const width = 2 * view + patches * (patch + 4);
  const { B } = checkShapes('unpackViews', { inputs: [inputs, `B ${width}`] });
  const take = (from: number, size: number): tf.Tensor => tf.slice(inputs as tf.Tensor2D, [0, from], [B, size]);
  const images = (from: number, side: number): tf.Tensor4D =>
    tf.reshape(take(from, side * side * 3), [B, side, side, 3]);
  return {
    query: images(0, viewSize),
    key: images(view, viewSize),
    patches: Array.from({ length: patches }, (_, j) => images(2 * view + j * patch, patchSize)),
    boxes: tf.reshape(take(2 * view + patches * patch, patches * 4), [B, patches, 4]),
  };
}
