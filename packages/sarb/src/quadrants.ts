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

/** Quadrants of a map: 0 top left, 1 top right, 2 bottom left, 3 bottom right. */
export const quadrants = 4;

/**
 * The quadrant of a map in which each class is looked for most.
 *
 * @param attention [B, C, H·W]
 * @param size H and W; of an odd number of rows or columns the middle one belongs to the top or the left
 * @returns [B, C] int32; no gradient flows
 * @throws ShapeError, OptionError
 */
export function attentionQuadrants(attention: tf.Tensor3D, [H, W]: readonly [number, number]): tf.Tensor2D {
  checkCount('attentionQuadrants', 'size[0]', H);
  checkCount('attentionQuadrants', 'size[1]', W);
  const { B, C } = checkShapes('attentionQuadrants', { attention: [attention, `B C ${H * W}`] });
  // Kernels of some engines fail on tensors without entries.
  if (B * C === 0) return tf.zeros([B, C], 'int32');
  const half = (place: number, length: number): number => Number(place > (length - 1) / 2);
  const table = Int32Array.from({ length: H * W }, (_, l) => 2 * half(Math.floor(l / W), H) + half(l % W, W));
  return withoutGradient(
    () => tf.gather<tf.Tensor>(tf.tensor1d(table, 'int32'), tf.argMax<tf.Tensor2D>(attention, 2)) as tf.Tensor2D,
  );
}

/** Where the prototype of a slot comes from. */
export interface QuadrantChoice {
  /** [B, C] uniform in [0, 1): the unknown slot with the largest number is blended. */
  readonly noise: tf.Tensor2D;
  /** [B] uniform in [0, 1): which of the quadrants that the image may take from. */
  readonly draw: tf.Tensor1D;
  /** [C, 4, D] */
  readonly prototypes: tf.Tensor3D;
  /** [C, 4] how many features made a prototype; 0 where there is none. */
  readonly counts: tf.Tensor2D;
  /** [B, C] int32, the image's own quadrant of each class, see {@link attentionQuadrants}. */
  readonly own: tf.Tensor2D;
}

/**
 * Chooses for each image one class of those that it does not know, and the prototype of that class in a quadrant other than
 * the one where the image is looked at for the class. An image for which there is none stays as it is.
 *
 * @param known [B, C] 1 known, 0 not
 * @throws ShapeError, OptionError; DataError on other values, and on noise, draws, counts or quadrants out of range
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
  // Kernels of some engines fail on tensors without entries.
  if (B * C * D === 0) return { chosen: tf.zeros([B, C]), prototypes: tf.zeros([B, D]) };
  return tf.tidy(() => {
    const ownOnes = tf.reshape(oneHot(tf.reshape(own, [B * C]), quadrants), [B, C, quadrants]);
    const made = tf.cast(tf.greater(counts, 0), 'float32');
    const available = tf.mul<tf.Tensor3D>(tf.sub(1, ownOnes), made);
    const some = tf.max<tf.Tensor2D>(available, 2);
    const candidates = tf.mul<tf.Tensor2D>(tf.sub(1, tf.cast(known, 'float32')), some);
    // At least 1 for a candidate, also where the noise is 0. Without a candidate the first class is the largest.
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
