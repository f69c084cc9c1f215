import {
  checkCount,
  checkNumber,
  checkOptionNames,
  checkShapes,
  Linear,
  Module,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { TwoLogits } from '../pool-places.ts';

/** Options of {@link VisionOnlyHead}. */
export interface VisionOnlyHeadOptions {
  /** D, features of a place. */
  readonly features: number;
  /** C, number of classes. */
  readonly classes: number;
  /** Factor of the pooled outputs. Default 5. */
  readonly outputScale?: number;
  readonly random: RandomStream;
}

/**
 * A linear layer on each place of an image. Each of its 2C outputs is pooled over the places, weighted by its own
 * softmax.
 *
 *     logit_j = outputScale · Σ_p softmax over p of (y_jp) · y_jp,  y_p = A z_p + a
 *
 * Axes: B images, P places, D features, C classes.
 *
 * State names: `linear_layer.…`. The first C outputs are the logits of absence.
 *
 * Source: the baseline of Rawlekar et al. (PositiveCoOp), WACV 2025, and their code.
 */
export class VisionOnlyHead extends Module {
  readonly linear_layer: Linear;
  readonly #scale: number;

  /** @throws OptionError */
  constructor(options: VisionOnlyHeadOptions) {
    super();
    const where = 'VisionOnlyHead';
    checkOptionNames(where, options, ['features', 'classes', 'outputScale', 'random']);
    const { features, classes, outputScale = 5, random } = options;
    checkCount(where, 'options.features', features);
    checkCount(where, 'options.classes', classes);
    checkNumber(where, 'options.outputScale', outputScale);
    this.linear_layer = new Linear({ inFeatures: features, outFeatures: 2 * classes, random });
    this.#scale = outputScale;
  }

  /** The two logits of each class. @param places [B, P, D], not normalised @throws ShapeError; OptionError for P = 0 */
  forward(places: tf.Tensor3D): TwoLogits {
    const [D, outputs] = this.linear_layer.weight.shape;
    const { B, P } = checkShapes('VisionOnlyHead.forward', { places: [places, `B P ${D}`] });
    checkCount('VisionOnlyHead.forward', 'places of an image', P);
    const C = outputs / 2;
    // Some engines fail on empty tensors.
    if (B === 0) return { absent: zerosBehind([0, C], places), present: zerosBehind([0, C], places) };
    return tf.tidy(() => {
      const byOutput = this.scorePlaces(places);
      const pooled = tf.mul<tf.Tensor2D>(tf.sum(tf.mul(tf.softmax(byOutput), byOutput), 2), this.#scale);
      return { absent: tf.slice(pooled, [0, 0], [B, C]), present: tf.slice(pooled, [0, C], [B, C]) };
    });
  }

  /** The output of the linear layer at each place, [B, 2C, P]. */
  scorePlaces(places: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => tf.transpose(this.linear_layer.forward(places) as tf.Tensor3D, [0, 2, 1]));
  }
}
