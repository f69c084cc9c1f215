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

/** The prototypes, and the random numbers that choose among them. */
export interface PrototypeChoice {
  /** [B, C] uniform in [0, 1). In each image the unknown slot with the largest number is blended. */
  readonly noise: tf.Tensor2D;
  /**
   * [B] uniform in [0, 1). Chooses one prototype of the class. Shape [1]: one draw for the batch, as in the released
   * code.
   */
  readonly draw: tf.Tensor1D;
  /** [C, K, D] */
  readonly prototypes: tf.Tensor3D;
  /** [C] number of prototypes of each class, at most K. They come first. A class without prototypes is never chosen. */
  readonly counts: tf.Tensor1D;
  /**
   * Overwrites class 0 of an image that has no unknown slot, which is a mistake of the released code. Default false:
   * such an image is not blended.
   */
  readonly overwriteFullyKnown?: boolean;
}

/** One slot per image and its prototype. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type ChosenPrototypes = {
  /** [B, C] 1 at the slot to blend, else 0. At most one slot per image. */
  readonly chosen: tf.Tensor2D;
  /** [B, D] the prototype for this slot; arbitrary if the image has none. */
  readonly prototypes: tf.Tensor2D;
};

/**
 * Chooses one unknown class for each image, and a prototype of that class.
 *
 * @param known [B, C] 1 known, 0 unknown
 * @throws ShapeError, OptionError; DataError for other values, and for noise, draws or counts out of range
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
  // Some engines fail on empty tensors.
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
  // A candidate scores at least 1, all others 0. Without candidates argMax gives class 0.
  const scores = tf.mul(candidates, tf.add(noise, 1));
  const best = tf.argMax<tf.Tensor1D>(scores, 1);
  const bestOfRow = oneHot(best, C);
  const chosen = overwriteFullyKnown ? bestOfRow : tf.mul<tf.Tensor2D>(bestOfRow, candidates);
  const available = tf.maximum(tf.sum(tf.mul(bestOfRow, counts), 1), 1);
  const k = tf.minimum(tf.floor(tf.mul(draw, available)), tf.sub(available, 1));
  const row = tf.add(tf.mul(best, tf.scalar(K, 'int32')), tf.cast(k, 'int32')) as tf.Tensor1D;
  return { chosen, prototypes: tf.gather(tf.reshape(prototypes, [C * K, D]), row) };
}

/** Options of {@link blendPrototypes}. */
export interface PrototypeBlendingOptions extends BlendOptions {
  /** β, the share that a slot keeps: a scalar in [0, 1]. It gets a gradient through features and labels. */
  readonly beta: tf.Tensor;
}

/**
 * Prototype-level representation blending (PLRB): blends a prototype into one unknown class of each image.
 *
 *     f_c ← β·f_c + (1 − β)·p_c,  y_c ← 1 − β
 *
 * Prototypes get no gradient. An image does not change if none of its unknown classes has a prototype.
 *
 * @throws ShapeError, OptionError; DataError for labels outside [0, 1] and for a `known` other than 0 and 1
 *
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
