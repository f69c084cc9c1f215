import {
  Conv2d,
  checkCount,
  checkOptionNames,
  checkShapes,
  Module,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ClassFeatures } from './semantic-decoupling.ts';

/** Options of {@link SemanticAttention}. */
export interface SemanticAttentionOptions {
  /** Channels of the feature map. */
  readonly channels: number;
  /** D, features of a class. */
  readonly features: number;
  /** C */
  readonly classes: number;
  readonly random: RandomStream;
}

/**
 * Class features from the semantic attention module: one mask over the map for each class, without word vectors.
 *
 *     m = σ(mask convolution of G),  G′ = feature convolution of G,  f_c = Σ_l m_cl·G′_l
 *
 * A mask does not sum to 1 over the map. State names are the published ones.
 *
 * Source: Ye et al. (ADD-GCN, ECCV 2020), section 3.2, and their code. They have a second classifier, the maximum of
 * the masks before σ, which SARB does not use.
 */
export class SemanticAttention extends Module {
  /** Computes the masks. */
  readonly fc: Conv2d;
  readonly conv_transform: Conv2d;
  readonly #sizes: Readonly<Record<'channels' | 'features' | 'classes', number>>;

  /** @throws OptionError */
  constructor(options: SemanticAttentionOptions) {
    super();
    checkOptionNames('SemanticAttention', options, ['channels', 'features', 'classes', 'random']);
    const { channels, features, classes, random } = options;
    for (const [name, count] of Object.entries({ channels, features, classes })) {
      checkCount('SemanticAttention', `options.${name}`, count);
    }
    this.#sizes = { channels, features, classes };
    this.fc = new Conv2d({ inChannels: channels, outChannels: classes, kernel: 1, bias: false, random });
    this.conv_transform = new Conv2d({ inChannels: channels, outChannels: features, kernel: 1, random });
  }

  /**
   * @param map [B, H, W, channels]
   * @throws ShapeError
   */
  forward(map: tf.Tensor4D): ClassFeatures {
    const { channels, features, classes } = this.#sizes;
    const { B, H, W } = checkShapes('SemanticAttention.forward', { map: [map, `B H W ${channels}`] });
    // Some engines fail on empty tensors. A sum over no places is 0.
    if (B * H * W === 0) {
      return { attention: zerosBehind([B, classes, H * W], map), features: zerosBehind([B, classes, features], map) };
    }
    return tf.tidy(() => {
      const masks = tf.sigmoid(tf.reshape(this.fc.forward(map), [B, H * W, classes]));
      const attention = tf.transpose(masks, [0, 2, 1]) as tf.Tensor3D;
      const transformed = tf.reshape<tf.Rank.R3>(this.conv_transform.forward(map), [B, H * W, features]);
      return { attention, features: tf.matMul(attention, transformed) };
    });
  }
}
