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

export interface TagclipOptions extends RefineOptions {
  /** C, of the texts those that are classes; the others are background. Default all. */
  readonly classes?: number;
  /** Factor of the cosines, default 100. */
  readonly scale?: number;
  /** Whether likely classes are looked at again in a cut-out of their own, default true. */
  readonly reidentify?: boolean;
  /** Which classes are: those above this share of the range of all refined scores. Default 0.5, for COCO-Stuff 0.1. */
  readonly relativeThreshold?: number;
}

/** Axes: N patches, K classes and background, C classes. (A type, so that it is a record of tensors.) */
export type TagclipScores = Refined & {
  /** [N, K] probabilities of each patch by itself. */
  readonly coarse: tf.Tensor2D;
  /** [C] before likely classes are looked at again. */
  readonly first: tf.Tensor1D;
  /** [C] */
  readonly score: tf.Tensor1D;
};

/**
 * TagCLIP's scores of one image of any size: of its patches, refined by what they attend to, and for likely classes the
 * mean with a second look at where they are.
 *
 * Numbers come to the host in between, at once, which WebGPU does not do.
 *
 * @param tower a vision transformer of CLIP, e.g. ViT-B/16
 * @param image [1, H, W, 3], sides multiples of the patch
 * @param text [K, D] embeddings of length 1, the classes first and then the background
 * @throws ShapeError, OptionError
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
      // As released: the classes after one with an empty box keep their first scores.
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

/** Rows and columns of patches of an image. @throws ShapeError for a rest that fills no patch */
function gridOf(where: string, tower: ClipTower, image: tf.Tensor4D): Grid {
  const [, height, width] = image.shape;
  const [patch] = tower.conv1.weight.shape;
  const grid = [height / patch, width / patch] as const;
  if (grid.every((count) => Number.isInteger(count) && count >= 1)) return grid;
  throw new ShapeError({
    where,
    argument: 'image',
    expected: `[1, H, W, 3], sides multiples of ${patch}`,
    received: `[${image.shape.join(', ')}]`,
  });
}
