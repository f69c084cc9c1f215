import { checkNumber, checkOptionNames, checkShapes, l2Normalize, ShapeError, softmax } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Images and their patches in the common space of images and texts. Axes: B images, N patches, D features. */
export interface ImageTokens {
  /** [B, D] */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
}

/** Class embeddings, and the patch classifier. */
export interface ScoreClasses {
  /** [C, D] unit vectors. */
  readonly text: tf.Tensor2D;
  /** [D, C] weights of the patch classifier. */
  readonly weight: tf.Tensor2D;
  /** [C] biases of the patch classifier. */
  readonly bias: tf.Tensor1D;
}

/** Options of {@link piaaScore}. */
export interface ScoreOptions {
  /** a_c, factor of the image's cosines. 80; for NUS-WIDE 10. */
  readonly imageScale: number;
  /** a_p, factor of the largest patch probabilities. VOC 200, COCO and NUS-WIDE 400. */
  readonly patchScale: number;
  /** Divisor of the patch logits. Default 500. */
  readonly gaussianTemperature?: number;
  /** Weight of the whole image in the score, in [0, 1]. Default 0.1. */
  readonly imageWeight?: number;
}

/** Result of {@link piaaScore}. Axes: B images, N patches, C classes. */
export type PiaaScore = {
  /** [B, N, C] class probabilities of each patch. */
  readonly patches: tf.Tensor3D;
  /** [B, C] their maximum over the patches. */
  readonly largest: tf.Tensor2D;
  /** [B, C] scores; they sum to 1 over the classes. */
  readonly score: tf.Tensor2D;
};

/**
 * PIAA's score, which ranks the classes of an image:
 *
 *     q = softmax((f · W + b) / 500) for each patch f,  s_c = max of q_c over the patches
 *     score = 0.1 · softmax(a_c · cos(image, text)) + 0.9 · softmax(a_p · s)
 *
 * @throws ShapeError, also for N = 0; OptionError
 *
 * Source: PIAA, arXiv 2605.25821, released code, which multiplies in float16. Here it is float32.
 */
export function piaaScore(image: ImageTokens, classes: ScoreClasses, options: ScoreOptions): PiaaScore {
  const where = 'piaaScore';
  checkOptionNames(where, options, ['imageScale', 'patchScale', 'gaussianTemperature', 'imageWeight']);
  const { imageScale, patchScale, gaussianTemperature = 500, imageWeight = 0.1 } = options;
  checkNumber(where, 'options.imageScale', imageScale, { min: 0 });
  checkNumber(where, 'options.patchScale', patchScale, { min: 0 });
  checkNumber(where, 'options.gaussianTemperature', gaussianTemperature, { above: 0 });
  checkNumber(where, 'options.imageWeight', imageWeight, { min: 0, max: 1 });
  const { B, N, D, C } = checkShapes(where, {
    'image.features': [image.features, 'B D'],
    'image.patches': [image.patches, 'B N D'],
    'classes.text': [classes.text, 'C D'],
    'classes.weight': [classes.weight, 'D C'],
    'classes.bias': [classes.bias, 'C'],
  });
  if (N === 0) {
    const received = `[${image.patches.shape.join(', ')}]`;
    throw new ShapeError({ where, argument: 'image.patches', expected: '[B, N, D] with N ≥ 1', received });
  }
  // Some engines fail on empty tensors.
  if (B === 0) return { patches: tf.zeros([0, N, C]), largest: tf.zeros([0, C]), score: tf.zeros([0, C]) };
  return tf.tidy(() => {
    const rows = tf.reshape<tf.Rank.R2>(l2Normalize(image.patches), [B * N, D]);
    const logits = tf.div(tf.add(tf.matMul(rows, classes.weight), classes.bias), gaussianTemperature);
    const patches = tf.reshape<tf.Rank.R3>(softmax(logits), [B, N, C]);
    const largest = tf.max<tf.Tensor2D>(patches, 1);
    const cosines = tf.matMul(l2Normalize(image.features) as tf.Tensor2D, classes.text, false, true);
    const whole = softmax(tf.mul(cosines, imageScale));
    const local = softmax(tf.mul(largest, patchScale));
    const score = tf.add<tf.Tensor2D>(tf.mul(whole, imageWeight), tf.mul(local, 1 - imageWeight));
    return { patches, largest, score };
  });
}
