import {
  checkFiniteTensor,
  checkFlag,
  checkLabelTensor,
  checkOptionNames,
  checkShapes,
  checkWholeTensor,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type BlendOptions, checkBlendOptions, checkLabelledFeatures, type LabelledFeatures, mix } from './blend.ts';
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

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type ChosenPrototypes = {
  /** [B, C] 1 at the slot that is blended, at most one of an image. */
  readonly chosen: tf.Tensor2D;
  /** [B, D] the prototype for it; anything where none is. */
  readonly prototypes: tf.Tensor2D;
};

/**
 * Chooses for each image one class of those that it does not know, and a prototype of that class.
 *
 * @param known [B, C] 1 known, 0 not
 * @throws ShapeError, OptionError; DataError on other values, and on noise, draws or counts out of range
 */
export function choosePrototypes(known: tf.Tensor2D, choice: PrototypeChoice): ChosenPrototypes {
  const { noise, draw, prototypes, counts, overwriteFullyKnown = false } = choice;
  const where = 'choosePrototypes';
  checkOptionNames(where, choice, ['noise', 'draw', 'prototypes', 'counts', 'overwriteFullyKnown']);
  checkFlag(where, 'choice.overwriteFullyKnown', overwriteFullyKnown);
  const { B, C, K, D } = checkShapes(where, {
    known: [known, 'B C'],
    'choice.noise': [noise, 'B C'],
    'choice.prototypes': [prototypes, 'C K D'],
    'choice.counts': [counts, 'C'],
  });
  checkShapes(where, { 'choice.draw': [draw, draw.size === 1 ? '1' : `${B}`] });
  checkLabelTensor(where, 'known', known);
  checkFiniteTensor(where, 'choice.noise', noise, [0, 1]);
  checkFiniteTensor(where, 'choice.draw', draw, [0, 1]);
  checkWholeTensor(where, 'choice.counts', counts, 0, K);
  // Kernels of some engines fail on tensors without entries.
  if (B * C * K * D === 0) return { chosen: tf.zeros([B, C]), prototypes: tf.zeros([B, D]) };
  return tf.tidy(() => chooseSlots(known, { noise, draw, prototypes, counts, overwriteFullyKnown }));
}

function chooseSlots(known: tf.Tensor2D, choice: Required<PrototypeChoice>): ChosenPrototypes {
  const { noise, draw, prototypes, counts, overwriteFullyKnown } = choice;
  const [C, K, D] = prototypes.shape;
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
 * @throws ShapeError, OptionError; DataError on labels outside [0, 1] and on a `known` other than 0 and 1
 * Source: Pu et al. (SARB, AAAI 2022), section 3.4, and their code, which draws one prototype index for a whole batch.
 */
export function blendPrototypes(
  batch: LabelledFeatures,
  { chosen, prototypes }: ChosenPrototypes,
  options: PrototypeBlendingOptions,
): LabelledFeatures {
  const where = 'blendPrototypes';
  checkBlendOptions(where, options, 'beta');
  const { beta, detachLabels } = options;
  checkLabelledFeatures(where, batch);
  checkShapes(where, {
    features: [batch.features, 'B C D'],
    'choice.chosen': [chosen, 'B C'],
    'choice.prototypes': [prototypes, 'B D'],
  });
  return tf.tidy(() => mix(batch, { chosen, other: tf.expandDims(prototypes, 1), kept: beta }, { detachLabels }));
}
