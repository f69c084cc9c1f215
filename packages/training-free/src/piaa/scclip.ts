import { checkCount, checkFlag, checkNumber, checkOptionNames, l2Normalize, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { attend, headsOf, similarities } from '../clip/attention.ts';
import { throughBlock } from '../clip/run-blocks.ts';
import { classTokenOf, embedImages, patchesOf, project, tokensOfNothing } from '../clip/tokens.ts';
import type { ClipBlock, ClipTower } from '../clip/tower.ts';
import { neighbourMean } from './neighbour-mean.ts';
import { patchOutliers } from './outliers.ts';

export interface ScclipOptions {
  /** β, cosines below which patches have nothing to do with each other, default 0.4. */
  readonly similarityFrom?: number;
  /** How much of the class token each patch gets, default 0.3. */
  readonly classWeight?: number;
  /** Factor of the centred cosines that take the place of q · kᵀ, default 3. */
  readonly similarityScale?: number;
  /** See {@link OutlierOptions}. */
  readonly neighbours?: number;
  readonly share?: number;
  /**
   * Whether the images of a batch get in each other's way as in the released code: outliers are those of the first image,
   * cosines are centred over the batch, and heads take the cosines of other images. Default false; of one image both are
   * the same.
   */
  readonly coupled?: boolean;
}

const layers = 12;
/** Blocks, counted from 1, whose patches tell what belongs together, before the last block and after it. */
const [deep, middle] = [9, 4];

/**
 * Patches of a CLIP's image tower of 12 blocks (ViT-B), calibrated by what the earlier blocks say of them: outliers of
 * block 11 give way to their neighbours, alike patches are averaged, and the last block attends by the cosines of block 9.
 *
 * @param images [B, H, W, 3]
 * @returns [B, N, D], not normalised
 * @throws ShapeError, OptionError
 * Source: Bai et al. (SC-CLIP), 2024, as in the released code of PIAA.
 */
export function scclipPatches(tower: ClipTower, images: tf.Tensor, options: ScclipOptions = {}): tf.Tensor3D {
  const { similarityFrom, classWeight, similarityScale, neighbours, share, coupled } = checked(tower, options);
  if (images.shape[0] === 0) return tf.tidy(() => patchesOf(tokensOfNothing(tower, images)));
  return tf.tidy(() => {
    const outputs = blockOutputs(tower, images);
    const { resblocks } = tower.transformer;
    const block = resblocks[layers - 1];
    const output = (i: number): tf.Tensor3D => outputs[i - 1];
    const before = output(layers - 1);

    const found = patchOutliers(patchesOf(before), { neighbours, share }).outliers;
    const outliers = coupled ? tf.tile(tf.slice(found, [0, 0], [1, -1]), [found.shape[0], 1]) : found;
    const repaired = (tokens: tf.Tensor3D): tf.Tensor3D => repair(patchesOf(tokens), outliers, tower.grid);

    const cosines = cosinesOf(repaired(output(deep)));
    const attention = deepAttention(cosines, block.attn.heads, similarityScale, coupled);
    const last = (patches: tf.Tensor3D, token: tf.Tensor3D): tf.Tensor3D =>
      tf.add(attendBy(block, patches, attention), tf.mul(token, classWeight));

    const alike = average(repaired(before), cosines, similarityFrom);
    const after = cosinesOf(patchesOf(output(middle)));
    const x = average(last(alike, classTokenOf(before)), after, similarityFrom);
    const sum = tf.addN(outputs.slice(middle - 1, layers - 2));
    const ofSum = average(last(patchesOf(sum), classTokenOf(sum)), after, similarityFrom);
    return project(tower, tf.add(x, ofSum));
  });
}

function checked(tower: ClipTower, options: ScclipOptions): Required<ScclipOptions> {
  const where = 'scclipPatches';
  const names = ['similarityFrom', 'classWeight', 'similarityScale', 'neighbours', 'share', 'coupled'];
  checkOptionNames(where, options, names);
  const { similarityFrom = 0.4, classWeight = 0.3, similarityScale = 3 } = options;
  const { neighbours = 30, share = 0.05, coupled = false } = options;
  checkNumber(where, 'options.similarityFrom', similarityFrom, { min: -1, max: 1 });
  checkNumber(where, 'options.classWeight', classWeight);
  checkNumber(where, 'options.similarityScale', similarityScale, { min: 0 });
  checkCount(where, 'options.neighbours', neighbours);
  checkNumber(where, 'options.share', share, { min: 0, max: 1 });
  checkFlag(where, 'options.coupled', coupled);
  const { length } = tower.transformer.resblocks;
  if (length === layers) return { similarityFrom, classWeight, similarityScale, neighbours, share, coupled };
  throw new OptionError({
    where,
    argument: 'tower',
    expected: `one of ${layers} blocks`,
    received: `one of ${length}`,
  });
}

/** What comes out of each block but the last. */
function blockOutputs(tower: ClipTower, images: tf.Tensor): tf.Tensor3D[] {
  const outputs: tf.Tensor3D[] = [];
  for (const block of tower.transformer.resblocks.slice(0, -1)) {
    outputs.push(throughBlock(block, outputs.at(-1) ?? embedImages('scclipPatches', tower, images)));
  }
  return outputs;
}

function repair(patches: tf.Tensor3D, outliers: tf.Tensor2D, [h, w]: readonly [number, number]): tf.Tensor3D {
  const [B, N, W] = patches.shape;
  const map = neighbourMean(tf.reshape(patches, [B, h, w, W]), tf.reshape(outliers, [B, h, w]));
  return tf.reshape(map, [B, N, W]);
}

/** [B, N, N] */
function cosinesOf(patches: tf.Tensor3D): tf.Tensor3D {
  const unit = l2Normalize(patches) as tf.Tensor3D;
  return tf.matMul(unit, unit, false, true);
}

/** Each patch [B, N, W] as the mean of those that are alike, by their cosines [B, N, N] from `from` on. */
function average(patches: tf.Tensor3D, cosines: tf.Tensor3D, from: number): tf.Tensor3D {
  const kept = tf.where(tf.less(cosines, from), tf.zerosLike(cosines), cosines);
  return tf.matMul(tf.div<tf.Tensor3D>(kept, tf.add(tf.sum(kept, 2, true), 1e-6)), patches);
}

/** Where each patch attends to by the cosines, [B, h or 1, N, N]. */
function deepAttention(cosines: tf.Tensor3D, heads: number, scale: number, coupled: boolean): tf.Tensor4D {
  const [B, N] = cosines.shape;
  const centred = tf.mul(tf.sub(cosines, tf.mean(cosines, coupled ? undefined : [1, 2], true)), scale);
  const weights = tf.softmax<tf.Tensor3D>(
    tf.where(tf.less(centred, 0), tf.fill([B, N, N], -1e9), centred) as tf.Tensor3D,
  );
  if (!coupled) return tf.reshape(weights, [B, 1, N, N]);
  const images = Array.from({ length: B * heads }, (_, i) => i % B);
  return tf.reshape(tf.gather(weights, tf.tensor1d(images, 'int32')), [B, heads, N, N]);
}

/** The block's attention alone, by the mean of what is given and where its keys find each other. */
function attendBy(block: ClipBlock, patches: tf.Tensor3D, given: tf.Tensor4D): tf.Tensor3D {
  return tf.tidy(() => {
    const { k, v } = headsOf(block, patches);
    const weights = tf.div<tf.Tensor4D>(tf.add(tf.softmax(similarities(k, k)), given), 2);
    return attend(block.attn, weights, v);
  });
}
