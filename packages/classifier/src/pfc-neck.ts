import {
  BatchNorm,
  checkCount,
  checkFlag,
  checkOptionNames,
  Dropout,
  globalAveragePool,
  kaimingNormal,
  type Linear,
  Module,
  type RandomStreams,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { linearFromZero } from './linear-from-zero.ts';

export interface PfcNeckOptions {
  /** I, features of the encoder. */
  readonly inFeatures: number;
  /** O, features that the head sees; default 256. */
  readonly width?: number;
  /** Linear layers; default 1. Both share one batch norm, whose running statistics then move twice a step. */
  readonly layers?: 1 | 2;
  /** Probability of dropout after each batch norm; default 0.5. */
  readonly dropout?: number;
  /** LeakyReLU with slope 0.2 after each dropout; default false. */
  readonly leakyRelu?: boolean;
  /** Streams `init` and `dropout` are used. */
  readonly random: RandomStreams;
}

/**
 * The neck of the Distribution-Balanced loss: global average pool → linear → batch norm → dropout;
 * [B, H, W, I] or [B, I] → [B, O].
 *
 * The linear layer starts from N(0, 2 / O) and no bias.
 *
 * Source: Wu et al., ECCV 2020, released code (PFC). That code makes the second layer even where it is not used.
 */
export class PfcNeck extends Module {
  readonly fc: Linear;
  readonly bn: BatchNorm;
  readonly fc_hidden_1: Linear | undefined;
  readonly dropout: Dropout;
  readonly #leakyRelu: boolean;

  /** @throws OptionError */
  constructor(options: PfcNeckOptions) {
    super();
    checkOptionNames('PfcNeck', options, ['inFeatures', 'width', 'layers', 'dropout', 'leakyRelu', 'random']);
    const { inFeatures, width = 256, layers = 1, dropout = 0.5, leakyRelu = false, random } = options;
    checkCount('PfcNeck', 'options.inFeatures', inFeatures);
    checkCount('PfcNeck', 'options.width', width);
    checkCount('PfcNeck', 'options.layers', layers, { min: 1, max: 2 });
    checkFlag('PfcNeck', 'options.leakyRelu', leakyRelu);
    const initializer = kaimingNormal('fanOut');
    this.fc = linearFromZero({ inFeatures, outFeatures: width, initializer, random: random.stream('init') });
    this.bn = new BatchNorm({ channels: width });
    this.fc_hidden_1 =
      layers === 2
        ? linearFromZero({ inFeatures: width, outFeatures: width, initializer, random: random.stream('init') })
        : undefined;
    this.dropout = new Dropout({ rate: dropout, random: random.stream('dropout') });
    this.#leakyRelu = leakyRelu;
  }

  forward(features: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => {
      const pooled = features.rank === 4 ? globalAveragePool(features as tf.Tensor4D) : features;
      const first = this.#regularize(this.fc.forward(pooled));
      return (this.fc_hidden_1 ? this.#regularize(this.fc_hidden_1.forward(first)) : first) as tf.Tensor2D;
    });
  }

  #regularize(x: tf.Tensor): tf.Tensor {
    const y = this.dropout.forward(this.bn.forward(x));
    return this.#leakyRelu ? tf.leakyRelu(y, 0.2) : y;
  }
}
