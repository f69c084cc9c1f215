import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type BlendOptions, checkLabelledFeatures, type LabelledFeatures, mix } from './blend.ts';
import { oneHot } from './one-hot.ts';

/** Where the prototype of a slot comes from. */
export interface PrototypeChoice {
  /** [B, C] uniform in [0, 1): the unknown slot with the largest number is blended. */
  readonly noise: tf.Tensor2D;
  /** [B] uniform in [0, 1), or [1] for one draw of the whole batch (the released code): which prototype of the class. */
  readonly draw: tf.Tensor1D;
  /** [C, K, D] or, embedded, [C, K, …]. */
  readonly prototypes: tf.Tensor3D;
  /** [C] how many prototypes a class has: the first of its K. A class with none is never chosen. */
  readonly counts: tf.Tensor1D;
  /**
   * Overwrites class 0 of an image that has no unknown slot, as the released code does by mistake; default false: the
   * image stays as it is.
   */
  readonly overwriteFullyKnown?: boolean;
}

export interface ChosenPrototypes {
  /** [B, C] 1 at the slot that is blended, at most one of an image. */
  readonly chosen: tf.Tensor2D;
  /** [B, D] the prototype for it; anything where none is. */
  readonly prototypes: tf.Tensor2D;
}

/** Chooses for each image one class of those that it does not know, and a prototype of that class. */
export function choosePrototypes(known: tf.Tensor2D, choice: PrototypeChoice): ChosenPrototypes {
  const { noise, draw, prototypes, counts, overwriteFullyKnown = false } = choice;
  const { C, K, D } = checkShapes('choosePrototypes', {
    known: [known, 'B C'],
    'choice.noise': [noise, 'B C'],
    'choice.prototypes': [prototypes, 'C K D'],
    'choice.counts': [counts, 'C'],
  });
  const candidates = tf.mul<tf.Tensor2D>(
    tf.sub(1, tf.cast(known, 'float32')),
    tf.cast(tf.greater(counts, 0), 'float32'),
  );
  // At least 1 for a candidate, also where the noise is 0. Without a candidate the first class is the largest.
  const scores = tf.mul(candidates, tf.add(noise, 1));
  const best = tf.argMax<tf.Tensor1D>(scores, 1);
  const bestOfRow = oneHot(best, C);
  const chosen = overwriteFullyKnown ? bestOfRow : tf.mul<tf.Tensor2D>(bestOfRow, candidates);
  const available = tf.maximum(tf.sum(tf.mul(bestOfRow, counts), 1), 1);
  const k = tf.minimum(tf.floor(tf.mul(draw, available)), tf.sub(available, 1));
  const row = tf.add(tf.mul(best, tf.scalar(K, 'int32')), tf.cast(k, 'int32')) as tf.Tensor1D;
  return { chosen, prototypes: tf.gather(tf.reshape(prototypes, [C * K, D]), row) };
}

export interface PrototypeBlendingOptions extends BlendOptions {
  /** β, the share a slot keeps: a scalar in [0, 1], which gets a gradient through features and labels. */
  readonly beta: tf.Tensor;
}

/**
 * Prototype-level representation blending (PLRB): one slot of an image, of which it knows nothing, gets something of a
 * prototype of that class.
 *
 *     f_c ← β·f_c + (1 − β)·p_c,  y_c ← 1 − β
 *
 * The prototypes are constants for the optimiser. An image without an unknown class that has a prototype stays as it is.
 *
 * @throws ShapeError
 * Source: Pu et al. (SARB, AAAI 2022), section 3.4, and their code, which draws one prototype index for a whole batch.
 */
export function blendPrototypes(
  batch: LabelledFeatures,
  { chosen, prototypes }: ChosenPrototypes,
  { beta, ...options }: PrototypeBlendingOptions,
): LabelledFeatures {
  checkLabelledFeatures('blendPrototypes', batch);
  return mix(batch, { chosen, other: tf.expandDims(prototypes, 1), kept: beta }, options);
}
