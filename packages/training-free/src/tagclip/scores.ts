import {
  checkCount,
  checkFlag,
  checkNumber,
  checkOptionNames,
  checkShapes,
  l2Normalize,
  ShapeError,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ClipTower } from '../clip/tower.ts';
import type { Grid } from './box-mask.ts';
import { lookAtPatches } from './look.ts';
import { type Refined, type RefineOptions, refinePatches } from './refine.ts';
import { lookAtPlace, placeOf } from './reidentify.ts';

/** Options of {@link tagclipScores}. */
export interface TagclipOptions extends RefineOptions {
  /** C: the first C texts are classes, the others background. Default: all are classes. */
  readonly classes?: number;
  /** Factor of the cosines. Default 100. */
  readonly scale?: number;
  /** Whether likely classes are scored a second time, in a crop around them. Default true. */
  readonly reidentify?: boolean;
  /**
   * A class is likely if its score is above this share of the range of all refined scores. Default 0.5; COCO-Stuff 0.1.
   */
  readonly relativeThreshold?: number;
}

/**
 * Result of {@link tagclipScores}. Axes: N patches, K classes and background, C classes. (A type, not an interface,
 * because `tf.tidy` does not accept an interface.)
 */
export type TagclipScores = Refined & {
  /** [N, K] probabilities of each patch, before refinement. */
  readonly coarse: tf.Tensor2D;
  /** [C] scores before likely classes are scored a second time. */
  readonly first: tf.Tensor1D;
  /** [C] final scores. */
  readonly score: tf.Tensor1D;
};

/**
 * TagCLIP's scores of one image of any size. The score of a class is the maximum over the patches, after refinement by
 * attention. A likely class is scored again in a crop around it, and the two scores are averaged.
 *
 * It reads tensors synchronously, so it does not run on WebGPU.
 *
 * @param tower a vision transformer of CLIP, for example ViT-B/16
 * @param image [1, H, W, 3], sides multiples of the patch size
 * @param text [K, D] unit vectors, first the classes, then the background
 * @throws ShapeError, OptionError
 *
 * Source: TagCLIP, AAAI 2024, released code.
 */
export function tagclipScores(
  tower: ClipTower,
  image: tf.Tensor4D,
  text: tf.Tensor2D,
  options: TagclipOptions = {},
): TagclipScores {
  const where = 'tagclipScores';
  const { classes: C, scale, reidentify, relativeThreshold, ...refinement } = checked(where, options, text.shape[0]);
  checkShapes(where, { image: [image, '1 H W 3'], text: [text, 'K D'] });
  const grid = gridOf(where, tower, image);
  const K = text.shape[0];
  return tf.tidy(() => {
    const { patches, maps } = lookAtPatches(tower, image, grid);
    const cosines = tf.matMul(l2Normalize(patches) as tf.Tensor2D, text, false, true);
    const coarse = tf.softmax(tf.mul<tf.Tensor2D>(cosines, scale));
    const refined = refinePatches(maps, coarse, grid, refinement);
    const first = tf.slice(tf.max<tf.Tensor1D>(refined.refined, 0), [0], [C]);
    if (!reidentify) return { coarse, ...refined, first, score: first };
    const scores = Array.from(first.dataSync());
    const values = refined.refined.dataSync<'float32'>();
    const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const threshold = least + relativeThreshold * (most - least);
    for (let c = 0; c < C; c++) {
      if (!(scores[c] > threshold)) continue;
      const own = Float64Array.from({ length: values.length / K }, (_, p) => values[p * K + c]);
      const place = placeOf(own, grid, { fullBoxes: refinement.fullBoxes ?? false });
      // As in the released code: after a class with an empty box, all later classes keep their first scores.
      if (!place) break;
      scores[c] = (scores[c] + lookAtPlace(tower, image, place, { grid, text, scale }).dataSync()[c]) / 2;
    }
    return { coarse, ...refined, first, score: tf.tensor1d(scores) };
  });
}

function checked(where: string, options: TagclipOptions, K: number) {
  const own = ['classes', 'scale', 'reidentify', 'relativeThreshold'];
  checkOptionNames(where, options, [...own, 'votes', 'layers', 'fullBoxes']);
  const { classes = K, scale = 100, reidentify = true, relativeThreshold = 0.5, ...refinement } = options;
  checkCount(where, 'options.classes', classes, { min: 1, max: K });
  checkNumber(where, 'options.scale', scale, { above: 0 });
  checkFlag(where, 'options.reidentify', reidentify);
  checkNumber(where, 'options.relativeThreshold', relativeThreshold, { min: 0, max: 1 });
  return { classes, scale, reidentify, relativeThreshold, ...refinement };
}

/** Rows and columns of patches of an image. @throws ShapeError unless both sides are multiples of the patch size */
function gridOf(where: string, tower: ClipTower, image: tf.Tensor4D): Grid {
  const [, height, width] = image.shape;
  const [patch] = tower.conv1.weight.shape;
  const grid = [height / patch, width / patch] as const;
  if (grid.every((count) => Number.isInteger(count) && count >= 1)) return grid;
  throw new ShapeError({
    where,
    argument: 'image',
    expected: `[1, H, W, 3] with sides that are multiples of ${patch}`,
    received: `[${image.shape.join(', ')}]`,
  });
}
