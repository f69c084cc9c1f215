import * as tf from '@tensorflow/tfjs-core';
import { attend, headsOf, selfMap } from '../clip/attention.ts';
import { throughBlock } from '../clip/run-blocks.ts';
import { embedImages, project, tokensOfNothing } from '../clip/tokens.ts';
import type { ClipTower } from '../clip/tower.ts';

/**
 * SCLIP's tokens of a CLIP image tower: the last block uses `selfMap` instead of its own attention.
 *
 * @param images [B, H, W, 3]
 * @returns [B, 1 + N, D], class token first; not normalised
 * @throws ShapeError
 *
 * Source: Wang et al. (SCLIP), ECCV 2024, as in the released code of PIAA.
 */
export function sclipTokens(tower: ClipTower, images: tf.Tensor): tf.Tensor3D {
  if (images.shape[0] === 0) return tokensOfNothing(tower, images);
  return tf.tidy(() => {
    const blocks = tower.transformer.resblocks;
    const last = blocks[blocks.length - 1];
    const x = blocks
      .slice(0, -1)
      .reduce((tokens, block) => throughBlock(block, tokens), embedImages('sclipTokens', tower, images));
    const heads = headsOf(last, x);
    const attended = tf.add<tf.Tensor3D>(x, attend(last.attn, selfMap(heads), heads.v));
    return project(tower, tf.add(attended, last.mlp.forward(last.ln_2.forward(attended))));
  });
}
