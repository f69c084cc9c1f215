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

/** Options of {@link PfcNeck}. */
export interface PfcNeckOptions {
  /** I, the number of features from the encoder. */
  readonly inFeatures: number;
  /** O, the number of features for the head. Default 256. */
  readonly width?: number;
  /** Number of linear layers. Default 1. Two layers share one batch norm: its running statistics move twice a step. */
  readonly layers?: 1 | 2;
  /** Dropout probability after each batch norm, in [0, 1). Default 0.5. */
  readonly dropout?: number;
  /** Adds a LeakyReLU with slope 0.2 after each dropout. Default false. */
  readonly leakyRelu?: boolean;
  /** The neck draws from the streams `init` and `dropout`. */
  readonly random: RandomStreams;
}

/**
 * The neck of the Distribution-Balanced loss: global average pool → linear → batch norm → dropout;
 * [B, H, W, I] or [B, I] → [B, O].
 *
 * The weights of the linear layer start from N(0, 2 / O) (variance 2 / O) and its bias from 0.
 *
 * Source: Wu et al., ECCV 2020, released code (PFC). That code also creates the second layer when it does not use it.
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
