import {
  checkCount,
  checkFiniteTensor,
  checkLabelTensor,
  checkOptionNames,
  checkShapes,
  checkWholeTensor,
  withoutGradient,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from './one-hot.ts';
import type { ChosenPrototypes } from './prototype-blending.ts';

/** Number of quadrants of a map: 0 top left, 1 top right, 2 bottom left, 3 bottom right. */
export const quadrants = 4;

/**
 * The quadrant of the map with the largest attention weight of each class.
 *
 * @param attention [B, C, H·W]
 * @param size H and W; if odd, the middle row belongs to the top and the middle column to the left
 * @returns [B, C] int32; no gradient flows
 * @throws ShapeError, OptionError
 */
export function attentionQuadrants(attention: tf.Tensor3D, [H, W]: readonly [number, number]): tf.Tensor2D {
  checkCount('attentionQuadrants', 'size[0]', H);
  checkCount('attentionQuadrants', 'size[1]', W);
  const { B, C } = checkShapes('attentionQuadrants', { attention: [attention, `B C ${H * W}`] });
  // Some engines fail on empty tensors.
  if (B * C === 0) return tf.zeros([B, C], 'int32');
  const half = (place: number, length: number): number => Number(place > (length - 1) / 2);
  const table = Int32Array.from({ length: H * W }, (_, l) => 2 * half(Math.floor(l / W), H) + half(l % W, W));
  return withoutGradient(
    () => tf.gather<tf.Tensor>(tf.tensor1d(table, 'int32'), tf.argMax<tf.Tensor2D>(attention, 2)) as tf.Tensor2D,
  );
}

/** The prototypes, and the random numbers that choose among them. */
export interface QuadrantChoice {
  /** [B, C] uniform in [0, 1). In each image the unknown slot with the largest number is blended. */
  readonly noise: tf.Tensor2D;
  /** [B] uniform in [0, 1). Chooses one of the other quadrants that have a prototype. */
  readonly draw: tf.Tensor1D;
  /** [C, 4, D] */
  readonly prototypes: tf.Tensor3D;
  /** [C, 4] number of features in each prototype; 0 means no prototype. */
  readonly counts: tf.Tensor2D;
  /** [B, C] int32, the quadrant of each class in the image itself; see {@link attentionQuadrants}. */
  readonly own: tf.Tensor2D;
}

/**
 * Chooses one unknown class for each image, and a prototype of that class from another quadrant than the image's own.
 * An image without such a prototype is not blended.
 *
 * @param known [B, C] 1 known, 0 unknown
 * @throws ShapeError, OptionError; DataError for other values, and for noise, draws, counts or quadrants out of range
 *
 * Source: Pu et al. (DSRB), Expert Systems with Applications 2024.
 */
export function chooseQuadrants(known: tf.Tensor2D, choice: QuadrantChoice): ChosenPrototypes {
  const where = 'chooseQuadrants';
  const { noise, draw, prototypes, counts, own } = choice;
  checkOptionNames(where, choice, ['noise', 'draw', 'prototypes', 'counts', 'own']);
  const { B, C, D } = checkShapes(where, {
    known: [known, 'B C'],
    'choice.noise': [noise, 'B C'],
    'choice.draw': [draw, 'B'],
    'choice.prototypes': [prototypes, `C ${quadrants} D`],
    'choice.counts': [counts, `C ${quadrants}`],
    'choice.own': [own, 'B C'],
  });
  checkLabelTensor(where, 'known', known);
  checkFiniteTensor(where, 'choice.noise', noise, [0, 1]);
  checkFiniteTensor(where, 'choice.draw', draw, [0, 1]);
  checkFiniteTensor(where, 'choice.counts', counts, [0, Number.MAX_VALUE]);
  checkWholeTensor(where, 'choice.own', own, 0, quadrants - 1);
  // Some engines fail on empty tensors.
  if (B * C * D === 0) return { chosen: tf.zeros([B, C]), prototypes: tf.zeros([B, D]) };
  return tf.tidy(() => {
    const ownOnes = tf.reshape(oneHot(tf.reshape(own, [B * C]), quadrants), [B, C, quadrants]);
    const made = tf.cast(tf.greater(counts, 0), 'float32');
    const available = tf.mul<tf.Tensor3D>(tf.sub(1, ownOnes), made);
    const some = tf.max<tf.Tensor2D>(available, 2);
    const candidates = tf.mul<tf.Tensor2D>(tf.sub(1, tf.cast(known, 'float32')), some);
    // A candidate scores at least 1, all others 0. Without candidates argMax gives class 0.
    const best = tf.argMax<tf.Tensor1D>(tf.mul(candidates, tf.add(noise, 1)), 1);
    const bestOfRow = oneHot(best, C);
    const open = tf.sum<tf.Tensor2D>(tf.mul(available, tf.expandDims(bestOfRow, 2)), 1);
    const count = tf.maximum(tf.sum(open, 1, true), 1);
    const k = tf.minimum(tf.floor(tf.mul(tf.expandDims(draw, 1), count)), tf.sub(count, 1));
    const before = tf.sub(tf.cumsum(open, 1), open);
    const quadrant = tf.argMax<tf.Tensor1D>(tf.mul(open, tf.cast(tf.equal(before, k), 'float32')), 1);
    const row = tf.add(tf.mul(best, tf.scalar(quadrants, 'int32')), quadrant) as tf.Tensor1D;
    return {
      chosen: tf.mul<tf.Tensor2D>(bestOfRow, candidates),
      prototypes: tf.gather(tf.reshape(prototypes, [C * quadrants, D]), row) as tf.Tensor2D,
    };
  });
}
