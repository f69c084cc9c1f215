import { checkShapes, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Cosines of images and texts. Axes: N images, C classes, M compound prompts (texts that name several classes). */
export interface SparcCosines {
  /** [N, C] with the mean of many prompts for each class. */
  readonly ensemble: tf.Tensor2D;
  /** [N, C] with a single prompt for each class. */
  readonly simple: tf.Tensor2D;
  /** [N, M] with the compound prompts. */
  readonly compound: tf.Tensor2D;
}

/** Debiased cosines. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type Debiased = {
  /** [N, C] */
  readonly ensemble: tf.Tensor2D;
  /** [N, M] */
  readonly compound: tf.Tensor2D;
};

/**
 * Mean and standard deviation of each column, [1, K] each. (A type, not an interface, because `tf.tidy` does not accept
 * an interface.)
 */
export type Columns = { readonly mean: tf.Tensor2D; readonly deviation: tf.Tensor2D };

/**
 * Removes the bias that an image has towards all texts. For each image, the cosines with the classes are standardised
 * over the classes. Those with compound prompts are standardised with mean and deviation of the image's `simple`
 * cosines.
 *
 * Edge cases: if all cosines of an image are equal, the results are 0.
 *
 * @throws ShapeError; OptionError for fewer than two classes
 *
 * Source: SPARC, CVPR 2025, released code.
 */
export function debiasImages({ ensemble, simple, compound }: SparcCosines): Debiased {
  const where = 'debiasImages';
  const { C } = checkShapes(where, {
    ensemble: [ensemble, 'N C'],
    simple: [simple, 'N C'],
    compound: [compound, 'N M'],
  });
  if (C < 2) {
    throw new OptionError({ where, argument: 'ensemble', expected: '[N, C] with C ≥ 2', received: `${C} classes` });
  }
  return tf.tidy(() => ({
    ensemble: standardized(ensemble, moments(ensemble, 1)),
    compound: standardized(compound, moments(simple, 1)),
  }));
}

/**
 * Mean and standard deviation of each column [N, K] over the images.
 *
 * @throws OptionError for fewer than two images
 */
export function columnsOf(scores: tf.Tensor2D): Columns {
  const [N] = scores.shape;
  if (N >= 2) return tf.tidy(() => moments(scores, 0));
  throw new OptionError({ where: 'columnsOf', argument: 'scores', expected: 'at least two images', received: `${N}` });
}

/** Standardises columns [N, K]: (x − mean) / deviation, or 0 if the deviation is 0. */
export function standardized(scores: tf.Tensor2D, { mean, deviation }: Columns): tf.Tensor2D {
  return tf.tidy(() => {
    // A deviation that is only rounding error of equal numbers counts as 0.
    const some = tf.greater(deviation, tf.mul(tf.add(tf.abs(mean), 1e-20), 1e-6));
    const divisor = tf.where(some, deviation, tf.onesLike(deviation));
    return tf.mul(tf.div(tf.sub(scores, mean), divisor), tf.cast(some, 'float32'));
  });
}

function moments(scores: tf.Tensor2D, axis: 0 | 1): Columns {
  const mean = tf.mean<tf.Tensor2D>(scores, axis, true);
  const squares = tf.sum<tf.Tensor2D>(tf.squaredDifference(scores, mean), axis, true);
  return { mean, deviation: tf.sqrt(tf.div<tf.Tensor2D>(squares, scores.shape[axis] - 1)) };
}
