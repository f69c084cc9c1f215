import { checkCount, checkFlag, checkNumber, checkOptionNames, l2Normalize, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { attend, headsOf, similarities } from '../clip/attention.ts';
import { throughBlock } from '../clip/run-blocks.ts';
import { classTokenOf, embedImages, patchesOf, project, tokensOfNothing } from '../clip/tokens.ts';
import type { ClipBlock, ClipTower } from '../clip/tower.ts';
import { neighbourMean } from './neighbour-mean.ts';
import { patchOutliers } from './outliers.ts';

/** Options of {@link scclipPatches}. */
export interface ScclipOptions {
  /** β, the smallest cosine of patches that are averaged. Default 0.4. */
  readonly similarityFrom?: number;
  /** Share of the class token that is added to each patch. Default 0.3. */
  readonly classWeight?: number;
  /** Factor of the centred cosines that replace q · kᵀ. Default 3. */
  readonly similarityScale?: number;
  /** See {@link OutlierOptions}. */
  readonly neighbours?: number;
  /** See {@link OutlierOptions}. */
  readonly share?: number;
  /**
   * Lets the images of a batch influence each other, as a mistake of the released code does: it uses the outliers of
   * the first image for all, centres cosines over the batch, and gives heads the cosines of other images. Default
   * false. For a single image there is no difference.
   */
  readonly coupled?: boolean;
}

const layers = 12;
/** Blocks, counted from 1, whose patch similarities are used: `deep` inside the last block, `middle` after it. */
const [deep, middle] = [9, 4];

/**
 * SC-CLIP's patches of a CLIP image tower with 12 blocks (ViT-B). It calibrates them with earlier blocks: outliers of
 * block 11 are replaced by their neighbours, similar patches are averaged, and the last block attends by the cosines of
 * block 9.
 *
 * @param images [B, H, W, 3]
 * @returns [B, N, D], not normalised
 * @throws ShapeError, OptionError
 *
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
    expected: `a tower of ${layers} blocks`,
    received: `${length} blocks`,
  });
}

/** The outputs of all blocks except the last. */
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

/**
 * Replaces each patch [B, N, W] by the weighted mean of similar patches: those with a cosine [B, N, N] of at least
 * `from`.
 */
function average(patches: tf.Tensor3D, cosines: tf.Tensor3D, from: number): tf.Tensor3D {
  const kept = tf.where(tf.less(cosines, from), tf.zerosLike(cosines), cosines);
  return tf.matMul(tf.div<tf.Tensor3D>(kept, tf.add(tf.sum(kept, 2, true), 1e-6)), patches);
}

/** Attention weights of patches from their cosines, [B, h or 1, N, N]. */
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

/** The attention of a block (without MLP), with the mean of the given weights and those between its keys. */
function attendBy(block: ClipBlock, patches: tf.Tensor3D, given: tf.Tensor4D): tf.Tensor3D {
  return tf.tidy(() => {
    const { k, v } = headsOf(block, patches);
    const weights = tf.div<tf.Tensor4D>(tf.add(tf.softmax(similarities(k, k)), given), 2);
    return attend(block.attn, weights, v);
  });
}
