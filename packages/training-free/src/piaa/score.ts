import { checkNumber, checkOptionNames, checkShapes, l2Normalize, ShapeError, softmax } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** An image in the space of the texts. Axes: B images, N patches, D features. */
export interface ImageTokens {
  /** [B, D] */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
}

/** What patches and images are compared with. */
export interface ScoreClasses {
  /** [C, D] of length 1. */
  readonly text: tf.Tensor2D;
  /** [D, C] of the classifier of patches. */
  readonly weight: tf.Tensor2D;
  /** [C] */
  readonly bias: tf.Tensor1D;
}

export interface ScoreOptions {
  /** a_c, factor of the image's cosines: 80, for NUS-WIDE 10. */
  readonly imageScale: number;
  /** a_p, factor of the largest patch probabilities: VOC 200, COCO and NUS-WIDE 400. */
  readonly patchScale: number;
  /** Divisor of the patch logits, default 500. */
  readonly gaussianTemperature?: number;
  /** Share of the image as a whole in the score, default 0.1. */
  readonly imageWeight?: number;
}

/** Axes: B images, N patches, C classes. */
export type PiaaScore = {
  /** [B, N, C] probabilities of each patch. */
  readonly patches: tf.Tensor3D;
  /** [B, C] the largest of them. */
  readonly largest: tf.Tensor2D;
  /** [B, C] sums to 1 over the classes. */
  readonly score: tf.Tensor2D;
};

/**
 * PIAA's score: q = softmax((f · W + b) / 500) of each patch, s_c its largest over the patches; the score is
 * 0.1 · softmax(a_c · cos(image, text)) + 0.9 · softmax(a_p · s). It ranks the classes of an image.
 *
 * @throws ShapeError, also without patches; OptionError
 * Source: PIAA, arXiv 2605.25821, released code, in float32 where that multiplies in half precision.
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
  // Kernels of some engines fail on tensors without entries.
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
