import { checkFiniteTensor, checkShapes, DataError, l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Initial weights of a cosine classifier from text embeddings, mapped back through the projection of the image tower.
 *
 * @param texts [C, D] text embeddings, or [T, C, D] for T templates, whose unit vectors are averaged
 * @param projection [W, D] projection of the image tower. Leave it out for features in the common space of images and
 *   texts
 * @returns [C, W] unit vectors
 * @throws ShapeError
 *
 * Source: Shi et al. (LIFT), ICML 2024, and their code.
 */
export function textWeights(texts: tf.Tensor, projection?: tf.Tensor2D): tf.Tensor2D {
  const { D } = checkShapes('textWeights', { texts: [texts, texts.rank === 3 ? 'T C D' : 'C D'] });
  if (projection) checkShapes('textWeights', { texts: [{ shape: [D] }, 'D'], projection: [projection, 'W D'] });
  return tf.tidy(() => {
    const unit = l2Normalize(texts);
    const mean = (unit.rank === 3 ? tf.mean(unit, 0) : unit) as tf.Tensor2D;
    return l2Normalize(projection ? tf.matMul(mean, projection, false, true) : mean) as tf.Tensor2D;
  });
}

/**
 * Initial weights of a cosine classifier from images: the mean feature of each class.
 *
 * @param sums [C, W] sums of the features of each class
 * @param counts [C] number of images of each class
 * @returns [C, W] unit vectors
 * @throws ShapeError; DataError for a class without images, and for sums that are not finite
 *
 * Source: Shi et al. (LIFT), ICML 2024, and their code.
 */
export function classMeanWeights(sums: tf.Tensor2D, counts: tf.Tensor1D): tf.Tensor2D {
  checkShapes('classMeanWeights', { sums: [sums, 'C W'], counts: [counts, 'C'] });
  checkFiniteTensor('classMeanWeights', 'sums', sums);
  const empty = counts.dataSync().findIndex((count) => !(count > 0));
  if (empty < 0) return tf.tidy(() => l2Normalize(tf.div(sums, tf.expandDims(counts, 1))) as tf.Tensor2D);
  throw new DataError({
    where: 'classMeanWeights',
    argument: 'counts',
    expected: 'at least one image of each class',
    received: `none of class ${empty}`,
  });
}
