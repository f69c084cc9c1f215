import { checkShapes, checkWholeTensor, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type BlendOptions, checkBlendOptions, checkLabelledFeatures, type LabelledFeatures, mix } from './blend.ts';

/** Replaces every image (the first axis) by its partner. */
export type Pairing = <T extends tf.Tensor>(x: T) => T;

/** Pairs image n with image B − 1 − n, as in the released code. In a shuffled batch this is a random pairing. */
// Some engines fail on empty tensors.
export const reversal: Pairing = (x) => (x.size === 0 ? tf.clone(x) : tf.reverse(x, 0));

/**
 * Pairs image n with image `partner[n]`.
 *
 * @param partner [B] indices of images
 * @throws ShapeError, DataError for an index outside the batch; both are thrown when the pairing is used
 */
export function pairedBy(partner: tf.Tensor1D): Pairing {
  return (x) => {
    const [B] = x.shape;
    checkShapes('pairedBy', { partner: [partner, `${B}`] });
    checkWholeTensor('pairedBy', 'partner', partner, 0, B - 1);
    // Some engines fail on empty tensors.
    return x.size === 0 ? tf.clone(x) : tf.tidy(() => tf.gather(x, tf.cast(partner, 'int32')));
  };
}

/** Options of {@link blendInstances}. */
export interface InstanceBlendingOptions extends BlendOptions {
  /** α, the share that a slot keeps: a scalar in [0, 1]. It gets a gradient through features and labels. */
  readonly alpha: tf.Tensor;
  /** Which images are blended with each other. Default {@link reversal}. */
  readonly pairing?: Pairing;
}

/**
 * Instance-level representation blending (ILRB). If a class is unknown in an image and present in its partner, the
 * partner's features of this class are blended in:
 *
 *     if y_c is unknown and y′_c is 1:  f_c ← α·f_c + (1 − α)·f′_c,  y_c ← 1 − α
 *
 * Known labels do not change. Absent classes are not transferred. Gradients flow to both images.
 *
 * @throws ShapeError, OptionError; DataError for labels outside [0, 1] and for a `known` other than 0 and 1
 *
 * Source: Pu et al. (SARB, AAAI 2022), section 3.3, and their code.
 */
export function blendInstances(batch: LabelledFeatures, options: InstanceBlendingOptions): LabelledFeatures {
  const where = 'blendInstances';
  checkBlendOptions(where, options, 'alpha', ['pairing']);
  const { alpha, pairing = reversal, detachLabels } = options;
  if (typeof pairing !== 'function') {
    throw new OptionError({ where, argument: 'options.pairing', expected: 'a function', received: `${pairing}` });
  }
  checkLabelledFeatures(where, batch);
  return tf.tidy(() => {
    const chosen = transferable(batch, pairing);
    return mix(batch, { chosen, other: pairing(batch.features), kept: alpha }, { detachLabels });
  });
}

/** [B, C] 1 if the class is unknown in the image and known to be present in its partner. */
export function transferable({ labels, known }: Omit<LabelledFeatures, 'features'>, pairing: Pairing): tf.Tensor2D {
  const [present, certain] = [labels, known].map((x) => tf.cast(x, 'float32') as tf.Tensor2D);
  return tf.mul(tf.sub(1, certain), pairing(tf.mul<tf.Tensor2D>(certain, present)));
}
