import { checkLabelTensor, checkNumber, checkOptionNames, checkShapes, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { through, unitVectors } from './unit-vectors.ts';

/** Options of {@link featureLabelAlignment}. */
export interface AlignmentOptions {
  /** [B, C] 1 known, 0 unknown. Unknown labels do not count. Default: all are known. */
  readonly known?: tf.Tensor2D;
  /** Added inside the logarithms. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Alignment loss of class features, in nats. The feature of a present class is pulled to the vector of its class. The
 * feature of an absent class is pushed to the cosine −1/(C − 1), which two class vectors have with each other.
 *
 *     s = cos(h_bc, e_c)
 *     ℓ = −log((1 + s)/2 + ε)                               if the class is present
 *     ℓ = −log(1 − (C − 1)/C · |1/(C − 1) + s| + ε)         if it is absent
 *
 * Axes: B images, C classes, D features.
 *
 * @param classFeatures [B, C, D] h
 * @param classVectors [C, D] e, a simplex equiangular tight frame
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, the mean over the known labels; features and vectors get a gradient
 * @throws ShapeError, OptionError; DataError for labels other than 0 and 1
 *
 * Edge cases: a feature of length 0 has a cosine of 0 and no gradient. C should be at least 2. Without known labels the
 * loss is 0.
 *
 * Source: the code of MLC-NC (AAAI 2025).
 */
export function featureLabelAlignment(
  classFeatures: tf.Tensor3D,
  classVectors: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: AlignmentOptions = {},
): tf.Scalar {
  const where = 'featureLabelAlignment';
  checkOptionNames(where, options, ['known', 'epsilon']);
  const { known, epsilon = 1e-6 } = options;
  const { C } = checkShapes(where, {
    classFeatures: [classFeatures, 'B C D'],
    classVectors: [classVectors, 'C D'],
    labels: [labels, 'B C'],
  });
  if (known) checkShapes(where, { labels: [labels, 'B C'], 'options.known': [known, 'B C'] });
  checkNumber(where, 'options.epsilon', epsilon, { above: 0 });
  checkNumber(where, 'C', C, { min: 2 });
  checkLabelTensor(where, 'labels', labels);
  if (known) checkLabelTensor(where, 'options.known', known);
  if (classFeatures.size === 0) return zerosBehind<tf.Rank.R0>([], classFeatures, classVectors);
  return tf.tidy(() => {
    const present = tf.cast<tf.Tensor2D>(labels, 'float32');
    const mask = known && tf.cast<tf.Tensor2D>(known, 'float32');
    const op = tf.customGrad((first, second, save) => {
      // A feature of length 0 has no gradient. A feature of an unknown label must not matter, even if it is NaN.
      const given = mask
        ? tf.where(tf.cast(tf.expandDims(mask, 2), 'bool'), first as tf.Tensor, tf.zerosLike(first as tf.Tensor))
        : (first as tf.Tensor);
      const [features, vectors] = [unitVectors(given), unitVectors(second as tf.Tensor)];
      const cosine = tf.sum(tf.mul(features.unit, vectors.unit), 2) as tf.Tensor2D;
      const above = tf.add(cosine, 1 / (C - 1));
      const inner = tf.where(
        tf.cast(present, 'bool'),
        tf.div(tf.add(cosine, 1), 2),
        tf.sub(1, tf.mul(tf.abs(above), (C - 1) / C)),
      );
      const inside = tf.add(inner, epsilon);
      // Derivative of the logarithm's argument: ½ for positives, −(C − 1)/C·sign for negatives, 0 at the kink.
      const slope = tf.sub(tf.mul(present, 0.5), tf.mul(tf.mul(tf.sub(1, present), tf.sign(above)), (C - 1) / C));
      const count = mask ? tf.maximum(tf.sum(mask), 1) : tf.scalar(cosine.size);
      const weight = tf.div(mask ?? tf.onesLike(present), count);
      const byCosine = tf.expandDims(tf.neg(tf.mul(weight, tf.div(slope, inside))), 2);
      const byVector = tf.sum(tf.mul(byCosine, features.unit), 0);
      (save as tf.GradSaveFunc)([through(features, tf.mul(byCosine, vectors.unit)), through(vectors, byVector)]);
      return {
        value: tf.neg(tf.sum(tf.mul(weight, tf.log(inside)))),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved.map((gradient) => tf.mul(gradient, dy)),
      };
    });
    return op(classFeatures, classVectors) as tf.Scalar;
  });
}
