import {
  checkFlag,
  checkLabelTensor,
  checkNumber,
  checkOptionNames,
  checkShapes,
  checkSoftLabelTensor,
  isReadable,
  withoutGradient,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Class features with their labels, before or after blending. One class of one image is called a slot.
 */
export type LabelledFeatures = {
  /** [B, C, D] */
  readonly features: tf.Tensor3D;
  /** [B, C] 1 present, 0 absent, in between for a blended label. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 known, 0 unknown. */
  readonly known: tf.Tensor2D;
};

/** Options that both kinds of blending have. */
export interface BlendOptions {
  /** Stops the gradient through the blended labels, so that the share learns from the features only. Default false. */
  readonly detachLabels?: boolean;
}

/** Which slots are blended, and with what. */
interface Mixture {
  /** [B, C] 1 for a slot to blend, else 0. */
  readonly chosen: tf.Tensor2D;
  /** The features to blend in. Broadcasts to [B, C, D]. */
  readonly other: tf.Tensor3D;
  /** s, the share of its own features that a slot keeps: a scalar in [0, 1]. */
  readonly kept: tf.Tensor;
}

/**
 * Blends the chosen slots: f ← s·f + (1 − s)·other, y ← 1 − s.
 *
 * The label follows from counting the unknown label as 0 and the blended label as 1. At s = 1 nothing is blended in, so
 * the label stays unknown. Call it inside `tf.tidy`.
 */
export function mix(
  { features, labels, known }: LabelledFeatures,
  { chosen, other, kept }: Mixture,
  { detachLabels = false }: BlendOptions,
): LabelledFeatures {
  const [present, certain] = [labels, known].map((x) => tf.cast(x, 'float32'));
  const share = tf.mul<tf.Tensor2D>(chosen, tf.sub(1, kept));
  const soft = detachLabels ? withoutGradient(() => tf.clone(share)) : share;
  const others = tf.sub(1, chosen);
  const someShare = tf.cast(tf.less(kept, 1), 'float32');
  return {
    features: tf.add(features, tf.mul(tf.expandDims(share, 2), tf.sub(other, features))),
    labels: tf.add(tf.mul(present, tf.mul(certain, others)), soft),
    known: tf.add(tf.mul(certain, others), tf.mul(chosen, someShare)),
  };
}

/** Checks the inputs of blending. @throws ShapeError, DataError */
export function checkLabelledFeatures(where: string, { features, labels, known }: LabelledFeatures): void {
  checkShapes(where, { features: [features, 'B C D'], labels: [labels, 'B C'], known: [known, 'B C'] });
  checkSoftLabelTensor(where, 'labels', labels);
  checkLabelTensor(where, 'known', known);
}

/**
 * Checks the options of blending.
 *
 * @param share name of the option with the share that a slot keeps
 * @param others names of further options
 * @throws OptionError, ShapeError
 */
export function checkBlendOptions<Share extends string>(
  where: string,
  options: BlendOptions & Readonly<Record<Share, tf.Tensor>>,
  share: Share,
  others: readonly string[] = [],
): void {
  checkOptionNames(where, options, [share, 'detachLabels', ...others]);
  const kept = options[share];
  checkShapes(where, { [`options.${share}`]: [kept, ''] });
  if (isReadable(kept)) checkNumber(where, `options.${share}`, kept.dataSync()[0], { min: 0, max: 1 });
  if (options.detachLabels !== undefined) checkFlag(where, 'options.detachLabels', options.detachLabels);
}
