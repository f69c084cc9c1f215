import { checkShapes, checkWholeTensor, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type BlendOptions, checkBlendOptions, checkLabelledFeatures, type LabelledFeatures, mix } from './blend.ts';

/** Puts in the place of every image (the first axis) its partner. */
export type Pairing = <T extends tf.Tensor>(x: T) => T;

/** Image n is paired with image B − 1 − n: the released code. In a shuffled batch that is a random pairing. */
// Kernels of some engines fail on tensors without entries.
export const reversal: Pairing = (x) => (x.size === 0 ? tf.clone(x) : tf.reverse(x, 0));

/**
 * Image n is paired with image `partner[n]`.
 *
 * @param partner [B]
 * @throws ShapeError, DataError for an image that there is not, when it is used
 */
export function pairedBy(partner: tf.Tensor1D): Pairing {
  return (x) => {
    const [B] = x.shape;
    checkShapes('pairedBy', { partner: [partner, `${B}`] });
    checkWholeTensor('pairedBy', 'partner', partner, 0, B - 1);
    // Kernels of some engines fail on tensors without entries.
    return x.size === 0 ? tf.clone(x) : tf.tidy(() => tf.gather(x, tf.cast(partner, 'int32')));
  };
}

export interface InstanceBlendingOptions extends BlendOptions {
  /** α, the share a slot keeps: a scalar in [0, 1], which gets a gradient through features and labels. */
  readonly alpha: tf.Tensor;
  /** Default {@link reversal}. */
  readonly pairing?: Pairing;
}

/**
 * Instance-level representation blending (ILRB): what an image's partner is known to show is blended into the slots of
 * which the image itself knows nothing.
 *
 *     where y_c is unknown and the partner's is 1:  f_c ← α·f_c + (1 − α)·f′_c,  y_c ← 1 − α
 *
 * Known labels are never touched, and absent ones never transferred. The gradient flows into both images.
 *
 * @throws ShapeError, OptionError; DataError on labels outside [0, 1] and on a `known` other than 0 and 1
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

/** [B, C] 1 where the image does not know a label and its partner knows it to be present. */
export function transferable({ labels, known }: Omit<LabelledFeatures, 'features'>, pairing: Pairing): tf.Tensor2D {
  const [present, certain] = [labels, known].map((x) => tf.cast(x, 'float32') as tf.Tensor2D);
  return tf.mul(tf.sub(1, certain), pairing(tf.mul<tf.Tensor2D>(certain, present)));
}
