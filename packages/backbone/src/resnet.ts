import {
  BatchNorm,
  Conv2d,
  checkShapes,
  globalAveragePool,
  kaimingNormal,
  Module,
  maxPool2d,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { BasicBlock } from './basic-block.ts';

/** One stage: blocks of equal width, the first of which may halve height and width. */
export interface ResNetStage {
  readonly channels: number;
  readonly blocks: number;
  readonly stride: number;
}

/** What tells one ResNet from another. */
export interface ResNetConfig {
  /** The first convolution, padded by half its kernel, and whether a 3 × 3 max pooling of stride 2 follows. */
  readonly stem: {
    readonly channels: number;
    readonly kernel: number;
    readonly stride: number;
    readonly maxPool: boolean;
  };
  readonly stages: readonly ResNetStage[];
}

/** What a backbone makes of images. Axes: B images, h and w the reduced height and width, D features. */
export interface BackboneOutput {
  /** [B, h, w, D] */
  readonly featureMap: tf.Tensor4D;
  /** [B, D] the mean of the feature map over its places. */
  readonly features: tf.Tensor2D;
}

/**
 * A residual network without a classifier, with torchvision's state names: `conv1`, `bn1`, `layer1.0.conv1`, …
 *
 * Source: He et al. 2016.
 */
export class ResNet extends Module {
  /** D */
  readonly featureCount: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly #maxPool: boolean;
  readonly #layers: readonly (readonly BasicBlock[])[];

  /** @param random draws the weights, Kaiming normal by fan-out */
  constructor(config: ResNetConfig, random: RandomStream) {
    super();
    const { stem, stages } = config;
    this.conv1 = new Conv2d({
      inChannels: 3,
      outChannels: stem.channels,
      kernel: stem.kernel,
      stride: stem.stride,
      padding: Math.floor(stem.kernel / 2),
      bias: false,
      initializer: kaimingNormal('fanOut'),
      random,
    });
    this.bn1 = new BatchNorm({ channels: stem.channels });
    this.#maxPool = stem.maxPool;
    let inChannels = stem.channels;
    this.#layers = stages.map(({ channels, blocks, stride }) =>
      Array.from({ length: blocks }, (_, i) => {
        const block = new BasicBlock({ inChannels, channels, stride: i === 0 ? stride : 1, random });
        inChannels = channels;
        return block;
      }),
    );
    // The field names are the state names, and how many there are depends on the configuration.
    for (const [i, layer] of this.#layers.entries()) Object.assign(this, { [`layer${i + 1}`]: layer });
    this.featureCount = inChannels;
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights expect it
   * @throws ShapeError
   */
  forward(images: tf.Tensor): BackboneOutput {
    checkShapes('ResNet.forward', { images: [images, 'B H W 3'] });
    return tf.tidy(() => {
      let x: tf.Tensor4D = tf.relu(this.bn1.forward(this.conv1.forward(images)));
      if (this.#maxPool) x = maxPool2d(x, { kernel: 3, stride: 2, padding: 1 });
      for (const layer of this.#layers) for (const block of layer) x = block.forward(x);
      return { featureMap: x, features: globalAveragePool(x) };
    });
  }
}
