import { checkCount, checkNumber, checkOptionNames, checkShapes, l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { exactLogSoftmax } from './exact-log-softmax.ts';

/** Options of {@link patchClasses}. */
export interface PatchClassesOptions {
  /** Factor of the cosines before the softmax. Default 60. */
  readonly entropyScale?: number;
}

/** The most similar class of each patch. */
export type PatchClasses = {
  /** [N, D] the patches as unit vectors. */
  readonly unit: tf.Tensor2D;
  /** [N] int32, the class with the largest cosine. */
  readonly classes: tf.Tensor1D;
  /** [N] the probability of this class. */
  readonly probabilities: tf.Tensor1D;
  /** [N] the entropy of all class probabilities, in nats. */
  readonly entropies: tf.Tensor1D;
};

/**
 * Class, probability and entropy of patches, from softmax(60 · cos) over the classes.
 *
 * @param patches [N, D]
 * @param text [C, D] class embeddings, unit vectors
 * @throws ShapeError; OptionError, also for C = 0
 *
 * Source: PIAA, arXiv 2605.25821, released code: probabilities below 1e-10 add −p · log 1e-10.
 */
export function patchClasses(patches: tf.Tensor2D, text: tf.Tensor2D, options: PatchClassesOptions = {}): PatchClasses {
  const where = 'patchClasses';
  checkOptionNames(where, options, ['entropyScale']);
  const { C } = checkShapes(where, { patches: [patches, 'N D'], text: [text, 'C D'] });
  checkCount(where, 'classes of text', C);
  const { entropyScale = 60 } = options;
  checkNumber(where, 'options.entropyScale', entropyScale, { above: 0 });
  return tf.tidy(() => {
    const unit = l2Normalize(patches) as tf.Tensor2D;
    const cosines = tf.matMul(unit, text, false, true);
    const classes = tf.argMax(cosines, 1) as tf.Tensor1D;
    const logs = exactLogSoftmax(tf.mul(cosines, entropyScale), classes);
    const p = tf.exp(logs);
    const entropies = tf.neg(tf.sum(tf.mul(p, tf.maximum(logs, Math.log(1e-10))), 1)) as tf.Tensor1D;
    return { unit, classes, probabilities: tf.max(p, 1) as tf.Tensor1D, entropies };
  });
}
