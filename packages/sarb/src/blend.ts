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

/** Features of each class with their labels: what blending takes and gives. */
export type LabelledFeatures = {
  /** [B, C, D] */
  readonly features: tf.Tensor3D;
  /** [B, C] 1 present, 0 absent, between where a label is blended. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 known, 0 not. */
  readonly known: tf.Tensor2D;
};

export interface BlendOptions {
  /** Whether the blended labels are constants, so that the share learns from the features alone; default false. */
  readonly detachLabels?: boolean;
}

/** Slots to be blended, and with what. */
interface Mixture {
  /** [B, C] 1 where a slot is blended, else 0. */
  readonly chosen: tf.Tensor2D;
  /** What is blended in: broadcasts to [B, C, D]. */
  readonly other: tf.Tensor3D;
  /** The share a slot keeps of itself, a scalar in [0, 1]. */
  readonly kept: tf.Tensor;
}

/**
 * In the chosen slots: f ← s·f + (1 − s)·other, y ← 1 − s (unknown counts as 0, what is blended in as 1).
 *
 * At s = 1 a slot stays as it was, and its label of 0 is no label: it is unknown. For use inside `tf.tidy`.
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

/** Checks what blending takes. @throws ShapeError, DataError */
export function checkLabelledFeatures(where: string, { features, labels, known }: LabelledFeatures): void {
  checkShapes(where, { features: [features, 'B C D'], labels: [labels, 'B C'], known: [known, 'B C'] });
  checkSoftLabelTensor(where, 'labels', labels);
  checkLabelTensor(where, 'known', known);
}

/**
 * Checks the options of blending: `share` names the one that is what a slot keeps.
 *
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
