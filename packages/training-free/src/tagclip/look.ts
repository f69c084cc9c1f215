import { OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { runBlock } from '../clip/run-blocks.ts';
import { embedImages, patchesOf, project } from '../clip/tokens.ts';
import type { ClipTower } from '../clip/tower.ts';

/** The output of a tower for one image of any size. Axes: N patches (row by row), D features. */
export type Look = {
  /** [N, D], not normalised. */
  readonly patches: tf.Tensor2D;
  /** [N, N] for each block: attention between patches, averaged over the heads. */
  readonly maps: tf.Tensor2D[];
};

/**
 * Encodes the patches of an image. In the last block each token attends to itself only, so that patches keep local
 * information. The tower's position embeddings are resized bilinearly to the patches of the image.
 *
 * @param image [1, H, W, 3], sides multiples of the patch size
 * @throws OptionError for several images
 *
 * Source: TagCLIP, AAAI 2024, released code, which also rounds the resized position embeddings to float16.
 */
export function lookAtPatches(tower: ClipTower, image: tf.Tensor4D, grid: readonly [number, number]): Look {
  const [B] = image.shape;
  if (B !== 1) {
    const expected = '[1, H, W, 3], one image at a time';
    throw new OptionError({ where: 'lookAtPatches', argument: 'image', expected, received: `${B} images` });
  }
  return tf.tidy(() => {
    let x = embedImages('lookAtPatches', tower, image, positionsOf(tower, grid));
    const maps: tf.Tensor2D[] = [];
    const { resblocks } = tower.transformer;
    for (const [i, block] of resblocks.entries()) {
      const { tokens, attention } = runBlock(block, x, { alone: i === resblocks.length - 1 });
      const [, L] = attention.shape;
      maps.push(tf.reshape(tf.slice(attention, [0, 1, 1], [1, L - 1, L - 1]), [L - 1, L - 1]));
      x = tokens;
    }
    const patches = patchesOf(project(tower, x));
    return { patches: tf.reshape(patches, [patches.shape[1], patches.shape[2]]), maps };
  });
}

/** Resized position embeddings [1 + N, W]. */
function positionsOf(tower: ClipTower, [rows, columns]: readonly [number, number]): tf.Tensor2D {
  const table = tower.positional_embedding.variable as tf.Tensor2D;
  const [h, w] = tower.grid;
  if (h === rows && w === columns) return table;
  const W = table.shape[1];
  const map = tf.reshape<tf.Rank.R4>(tf.slice(table, [1, 0], [h * w, W]), [1, h, w, W]);
  const resized = tf.image.resizeBilinear(map, [rows, columns], false, true);
  return tf.concat([tf.slice(table, [0, 0], [1, W]), tf.reshape(resized, [rows * columns, W])], 0);
}
