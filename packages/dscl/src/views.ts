import { checkCount, checkShapes } from '@ltml/tensor';
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

/**
 * Takes the inputs of a batch apart that have the given layout, [B, P].
 *
 * @throws ShapeError, OptionError
 */
export function unpackViews(inputs: tf.Tensor, { viewSize, patchSize, patches }: ViewLayout): Views {
  checkCount('unpackViews', 'layout.viewSize', viewSize);
  checkCount('unpackViews', 'layout.patchSize', patchSize);
  checkCount('unpackViews', 'layout.patches', patches, { min: 0 });
  const view = viewSize * viewSize * 3;
  const patch = patchSize * patchSize * 3;
  const width = 2 * view + patches * (patch + 4);
  const { B } = checkShapes('unpackViews', { inputs: [inputs, `B ${width}`] });
  const take = (from: number, shape: readonly number[]): tf.Tensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    // Kernels of some engines fail on tensors without entries.
    if (B * size === 0) return tf.zeros([B, ...shape]);
    return tf.tidy(() => tf.reshape(tf.slice(inputs as tf.Tensor2D, [0, from], [B, size]), [B, ...shape]));
  };
  const images = (from: number, side: number) => take(from, [side, side, 3]) as tf.Tensor4D;
  return {
    query: images(0, viewSize),
    key: images(view, viewSize),
    patches: Array.from({ length: patches }, (_, j) => images(2 * view + j * patch, patchSize)),
    boxes: take(2 * view + patches * patch, [patches, 4]) as tf.Tensor3D,
  };
}
