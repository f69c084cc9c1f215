import {
  checkCount,
  checkNumber,
  checkOptionNames,
  checkShapes,
  l2Normalize,
  Module,
  normal,
  Parameter,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link CosineHead}. */
export interface CosineHeadOptions {
  /** W, number of features. */
  readonly features: number;
  /** C, number of classes. */
  readonly classes: number;
  /** Factor of the cosines. Default 25. */
  readonly scale?: number;
  readonly random: RandomStream;
}

/**
 * A cosine classifier: logits = scale · cos(feature, weight of the class).
 *
 * State names: `weight` [C, W]. It starts from normal random numbers. {@link textWeights} and {@link classMeanWeights}
 * give better initial weights.
 *
 * Edge cases: norms below 1e-12 count as 1e-12, also for the gradient.
 *
 * Source: Shi et al. (LIFT), ICML 2024.
 */
export class CosineHead extends Module {
  readonly weight: Parameter;
  readonly #scale: number;

  /** @throws OptionError */
  constructor(options: CosineHeadOptions) {
    super();
    const where = 'CosineHead';
    checkOptionNames(where, options, ['features', 'classes', 'scale', 'random']);
    const { features, classes, scale = 25, random } = options;
    checkCount(where, 'options.features', features);
    checkCount(where, 'options.classes', classes);
    checkNumber(where, 'options.scale', scale, { above: 0 });
    const start = normal(0, features ** -0.5);
    this.weight = new Parameter(start([classes, features], { fanIn: features, fanOut: classes }, random));
    this.#scale = scale;
  }

  /** Logits. @param features [B, W] @returns [B, C] @throws ShapeError */
  forward(features: tf.Tensor2D): tf.Tensor2D {
    const [, W] = this.weight.shape;
    checkShapes('CosineHead.forward', { features: [features, `B ${W}`] });
    return tf.tidy(() => {
      const directions = tf.mul<tf.Tensor2D>(l2Normalize(this.weight.variable), this.#scale);
      return tf.matMul(l2Normalize(features) as tf.Tensor2D, directions, false, true);
    });
  }
}
