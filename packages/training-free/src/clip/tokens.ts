import { checkShapes, linear, ShapeError, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ClipTower } from './tower.ts';

/**
 * The input of a tower's first block: class token and patches with position embeddings, after the first norm.
 *
 * @param images [B, H, W, 3], normalised as the tower expects
 * @param positions [1 + N, W] position embeddings for these patches; default: the tower's own
 * @returns [B, 1 + N, W]
 * @throws ShapeError if the numbers of patches and positions differ
 */
export function embedImages(
  where: string,
  tower: ClipTower,
  images: tf.Tensor,
  positions: tf.Tensor = tower.positional_embedding.variable,
): tf.Tensor3D {
  checkShapes(where, { images: [images, 'B H W 3'] });
  return tf.tidy(() => {
    const map = tower.conv1.forward(images);
    const [B, h, w, W] = map.shape as [number, number, number, number];
    if (h * w + 1 !== positions.shape[0]) {
      throw new ShapeError({
        where,
        argument: 'images',
        expected: `[B, H, W, 3] with ${tower.grid.join(' × ')} patches`,
        received: `[${images.shape.join(', ')}] with ${h} × ${w}`,
      });
    }
    const patches = tf.reshape<tf.Rank.R3>(map, [B, h * w, W]);
    const first = tf.tile(tf.reshape<tf.Rank.R3>(tower.class_embedding.variable, [1, 1, W]), [B, 1, 1]);
    return tower.ln_pre.forward(tf.add(tf.concat([first, patches], 1), positions)) as tf.Tensor3D;
  });
}

/** Projects tokens [B, N, W] to the common space of images and texts: [B, N, D], not normalised. */
export function project(tower: ClipTower, tokens: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => linear(tower.ln_post.forward(tokens), tower.proj.variable) as tf.Tensor3D);
}

/** Tokens [B, 1 + N, W] without the class token, [B, N, W]. */
export function patchesOf(tokens: tf.Tensor3D): tf.Tensor3D {
  const [B, L, W] = tokens.shape;
  return tf.slice(tokens, [0, 1, 0], [B, L - 1, W]);
}

/** The class token of tokens [B, 1 + N, W], [B, 1, W]. */
export function classTokenOf(tokens: tf.Tensor3D): tf.Tensor3D {
  const [B, , W] = tokens.shape;
  return tf.slice(tokens, [0, 0, 0], [B, 1, W]);
}

/** Of no images, [0, 1 + N, D]: some engines fail on empty tensors. */
export function tokensOfNothing({ grid, proj }: ClipTower, images: tf.Tensor): tf.Tensor3D {
  return zerosBehind([0, 1 + grid[0] * grid[1], proj.shape[1]], images);
}
