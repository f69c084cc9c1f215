import {
  checkCount,
  checkOptionNames,
  checkShapes,
  Linear,
  Module,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { ElementWiseLinear } from '../element-wise-linear.ts';
import { pairScores } from './pair-scores.ts';

/** Options of {@link CoOccurrence}. */
export interface CoOccurrenceOptions {
  /** C, at least 2. */
  readonly classes: number;
  /** D, features of a class. */
  readonly features: number;
  /** Width of g, to which class features are projected before two are paired. Default 512: the released code. */
  readonly pairFeatures?: number;
  /** Width of h, the hidden layer. Default 1024: the released code. */
  readonly hiddenFeatures?: number;
  readonly random: RandomStream;
}

/**
 * The co-occurrence branch of SST: a logit for each pair of classes, which says whether an image shows both.
 *
 *     g = W1·f + b1,  h_ij = relu(W2·[g_i ; g_j] + b2),  s_ij = w_ij·(W3·h_ij + b3) + c_ij,  i < j
 *
 * Two shortcuts save most of the multiplications: each half of W2 is applied once per class, and W3 is merged into w.
 * The result is the same.
 *
 * Source: Chen et al. (SST), AAAI 2022; sizes of the released code.
 */
export class CoOccurrence extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly fc3: Linear;
  /** w and c, for the pairs in the order of `classPairs`. */
  readonly pairs: ElementWiseLinear;

  /** @throws OptionError */
  constructor(options: CoOccurrenceOptions) {
    super();
    const where = 'CoOccurrence';
    checkOptionNames(where, options, ['classes', 'features', 'pairFeatures', 'hiddenFeatures', 'random']);
    const { classes, features, pairFeatures = 512, hiddenFeatures = 1024, random } = options;
    checkCount(where, 'options.classes', classes, { min: 2 });
    for (const [name, count] of Object.entries({ features, pairFeatures, hiddenFeatures })) {
      checkCount(where, `options.${name}`, count);
    }
    this.fc1 = new Linear({ inFeatures: features, outFeatures: pairFeatures, random });
    this.fc2 = new Linear({ inFeatures: 2 * pairFeatures, outFeatures: hiddenFeatures, random });
    this.fc3 = new Linear({ inFeatures: hiddenFeatures, outFeatures: hiddenFeatures, random });
    const pairs = (classes * (classes - 1)) / 2;
    this.pairs = new ElementWiseLinear({ classes: pairs, features: hiddenFeatures, random });
  }

  /**
   * @param features [B, C, D]
   * @returns [B, C·(C − 1)/2] logits
   * @throws ShapeError
   */
  forward(features: tf.Tensor3D): tf.Tensor2D {
    const { pairs, fc1, fc2, fc3 } = this;
    const [P] = pairs.weight.shape;
    const { B, C } = checkShapes('CoOccurrence.forward', { features: [features, 'B C *'] });
    // Some engines fail on empty tensors.
    if (B === 0) return zerosBehind([0, P], features);
    return tf.tidy(() => {
      const [d, H] = [fc1.weight.shape[1], fc3.weight.shape[0]];
      const g = tf.reshape<tf.Rank.R2>(fc1.forward(tf.transpose(features, [1, 0, 2])), [C * B, d]);
      const [ofFirst, ofSecond] = tf.split(fc2.weight.variable as tf.Tensor2D, 2, 0);
      const u = tf.reshape<tf.Rank.R3>(tf.add(tf.matMul(g, ofFirst as tf.Tensor2D), fc2.bias!.variable), [C, B, H]);
      const v = tf.reshape<tf.Rank.R3>(tf.matMul(g, ofSecond as tf.Tensor2D), [C, B, H]);
      const weight = pairs.weight.variable as tf.Tensor2D;
      const q = tf.matMul<tf.Tensor2D>(weight, fc3.weight.variable as tf.Tensor2D, false, true);
      const bias = tf.matMul(weight, tf.reshape(fc3.bias!.variable, [H, 1]) as tf.Tensor2D);
      return tf.add<tf.Tensor2D>(pairScores(u, v, q), tf.add(tf.reshape(bias, [P]), pairs.bias!.variable));
    });
  }
}
