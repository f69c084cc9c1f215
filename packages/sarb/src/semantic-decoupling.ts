import {
  checkCount,
  checkOptionNames,
  checkShapes,
  Linear,
  Module,
  type RandomStream,
  ShapeError,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { lowRankScores } from './low-rank-scores.ts';

/** Options of {@link SemanticDecoupling}. */
export interface SemanticDecouplingOptions {
  /** D, channels of the feature map. */
  readonly features: number;
  /** Length of a word vector. */
  readonly wordFeatures: number;
  /** Inner width of the attention. Default 512: released code of SARB. (1024 in that of SSGRL.) */
  readonly innerFeatures?: number;
  readonly random: RandomStream;
}

/** Features of each class, and where in the map they come from. */
export type ClassFeatures = {
  /** [B, C, D] */
  readonly features: tf.Tensor3D;
  /** [B, C, L] weight of each place of the map for each class. */
  readonly attention: tf.Tensor3D;
};

/**
 * Class features from semantic decoupling: the word vector of a class attends to the places of the map.
 *
 *     a_cl = w4·(W3·tanh(W1·F_l ⊙ W2·x_c) + b3) + b4,  A_c = softmax over l,  f_c = Σ_l A_cl·F_l
 *
 * W3 and w4 follow each other directly, so together they act as the single vector W3ᵀw4. b3 and b4 have no effect on
 * the softmax; they exist because the published weights have them. State names are the published ones.
 *
 * Source: Chen et al. (SSGRL, ICCV 2019), equations 1–4; sizes of the released code of SARB.
 */
export class SemanticDecoupling extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly fc3: Linear;
  readonly fc4: Linear;

  /** @throws OptionError */
  constructor(options: SemanticDecouplingOptions) {
    super();
    checkOptionNames('SemanticDecoupling', options, ['features', 'wordFeatures', 'innerFeatures', 'random']);
    const { features, wordFeatures, innerFeatures = 512, random } = options;
    for (const [name, count] of Object.entries({ features, wordFeatures, innerFeatures })) {
      checkCount('SemanticDecoupling', `options.${name}`, count);
    }
    this.fc1 = new Linear({ inFeatures: features, outFeatures: innerFeatures, bias: false, random });
    this.fc2 = new Linear({ inFeatures: wordFeatures, outFeatures: innerFeatures, bias: false, random });
    this.fc3 = new Linear({ inFeatures: innerFeatures, outFeatures: innerFeatures, random });
    this.fc4 = new Linear({ inFeatures: innerFeatures, outFeatures: 1, random });
  }

  /**
   * @param map [B, H, W, D]
   * @param words [C, wordFeatures] word vectors of the classes
   * @throws ShapeError, also for a map of height or width 0
   */
  forward(map: tf.Tensor4D, words: tf.Tensor2D): ClassFeatures {
    const where = 'SemanticDecoupling.forward';
    const { B, H, W, D, C } = checkShapes(where, { map: [map, 'B H W D'], words: [words, 'C *'] });
    if (H * W === 0)
      throw new ShapeError({ where, argument: 'map', expected: 'at least one place (H · W ≥ 1)', received: 'none' });
    // Some engines fail on empty tensors.
    if (B * C === 0) return { attention: zerosBehind([B, C, H * W], map), features: zerosBehind([B, C, D], map) };
    return tf.tidy(() => this.#attend(map, words));
  }

  #attend(map: tf.Tensor4D, words: tf.Tensor2D): ClassFeatures {
    const [B, H, W, D] = map.shape;
    const [C] = words.shape;
    const positions = tf.reshape(map, [B * H * W, D]);
    const q = tf.matMul(this.fc3.weight.variable as tf.Tensor2D, this.fc4.weight.variable as tf.Tensor2D);
    const scores = lowRankScores(
      this.fc1.forward(positions) as tf.Tensor2D,
      this.fc2.forward(words) as tf.Tensor2D,
      tf.reshape(q, [-1]),
    );
    const shift = this.fc4.forward(tf.reshape(this.fc3.bias!.variable, [1, -1]));
    const byImage = tf.reshape(tf.add(scores, shift), [B, H * W, C]);
    const attention = tf.softmax(tf.transpose(byImage, [0, 2, 1])) as tf.Tensor3D;
    return { attention, features: tf.matMul(attention, tf.reshape(map, [B, H * W, D])) };
  }
}
