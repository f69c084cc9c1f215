import { OptionError } from '@ltml/tensor';
import type { TokenEncoder } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import { patchesOf } from '../clip/tokens.ts';
import { type ClipTower, isClipTower } from '../clip/tower.ts';
import type { PiaaConfig } from './config.ts';
import { itaclipTokens } from './itaclip.ts';
import { scclipPatches } from './scclip.ts';
import { sclipTokens } from './sclip.ts';

const ofTowers: Readonly<
  Record<Exclude<PiaaConfig['patches'], 'plain'>, (tower: ClipTower, images: tf.Tensor) => tf.Tensor3D>
> = {
  sclip: (tower, images) => patchesOf(sclipTokens(tower, images)),
  itaclip: (tower, images) => patchesOf(itaclipTokens(tower, images)),
  scclip: scclipPatches,
};

/**
 * A function from images to the patches [B, N, D] that a configuration names.
 *
 * @throws OptionError if they need a CLIP vision transformer and the encoder is another network
 */
export function patchReader(name: PiaaConfig['patches'], encoder: TokenEncoder): (images: tf.Tensor) => tf.Tensor3D {
  if (name === 'plain') return (images) => encoder.forward(images).patches;
  if (isClipTower(encoder)) return (images) => ofTowers[name](encoder, images);
  throw new OptionError({
    where: 'Piaa',
    argument: 'config.patches',
    expected: 'plain, because the encoder is not a vision transformer of CLIP',
    received: name,
  });
}
