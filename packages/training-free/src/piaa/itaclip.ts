import { OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { attend, headsOf, selfMap } from '../clip/attention.ts';
import { throughBlock } from '../clip/run-blocks.ts';
import { embedImages, project, tokensOfNothing } from '../clip/tokens.ts';
import type { ClipBlock, ClipTower } from '../clip/tower.ts';

/** Blocks, counted from 1, whose `selfMap` the last block uses too. */
const mapped = [7, 8, 10];

/**
 * ITACLIP's tokens of a CLIP image tower. In the last block the attention is the mean of two: the block's own
 * `selfMap`, and the mean of those of blocks 7, 8 and 10. The last block has no MLP.
 *
 * @param images [B, H, W, 3]
 * @returns [B, 1 + N, D], class token first; not normalised
 * @throws ShapeError; OptionError for a tower of fewer than 11 blocks
 *
 * Source: Aydın et al. (ITACLIP), CVPR workshops 2025, without its ensembles, as in the released code of PIAA.
 */
export function itaclipTokens(tower: ClipTower, images: tf.Tensor): tf.Tensor3D {
  const blocks = tower.transformer.resblocks;
  if (blocks.length <= mapped[mapped.length - 1]) {
    throw new OptionError({
      where: 'itaclipTokens',
      argument: 'tower',
      expected: 'a tower of at least 11 blocks',
      received: `${blocks.length} blocks`,
    });
  }
  if (images.shape[0] === 0) return tokensOfNothing(tower, images);
  return tf.tidy(() => {
    const maps: tf.Tensor4D[] = [];
    let x = embedImages('itaclipTokens', tower, images);
    for (const [i, block] of blocks.slice(0, -1).entries()) {
      if (mapped.includes(i + 1)) maps.push(selfMapOf(block, x));
      x = throughBlock(block, x);
    }
    const last = blocks[blocks.length - 1];
    const heads = headsOf(last, x);
    const weights = tf.div<tf.Tensor4D>(tf.add(selfMap(heads), tf.div(tf.addN(maps), maps.length)), 2);
    return project(tower, tf.add(x, attend(last.attn, weights, heads.v)));
  });
}

/** The `selfMap` of a block for its input, [B, h, N, N]. */
function selfMapOf(block: ClipBlock, x: tf.Tensor3D): tf.Tensor4D {
  return tf.tidy(() => selfMap(headsOf(block, x)));
}
