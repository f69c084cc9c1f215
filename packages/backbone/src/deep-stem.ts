import { BatchNorm, type Conv2d, convBatchNorm, type Initializer, Module, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { convolution } from './initial.ts';

/**
 * The stem of a ResNet-C: three 3 × 3 convolutions, the first with stride 2, instead of one convolution. It has timm's
 * state names `0`, `1`, `3`, `4` and `6`. The norm after the last convolution belongs to the network.
 *
 * Source: He et al. 2019, figure 2 (ResNet-C).
 */
export class DeepStem extends Module {
  readonly 0: Conv2d;
  readonly 1: BatchNorm;
  readonly 3: Conv2d;
  readonly 4: BatchNorm;
  readonly 6: Conv2d;

  /** @param channels after the last convolution; the others have half of them */
  constructor(channels: number, initializer: Initializer, random: RandomStream | undefined) {
    super();
    const half = channels / 2;
    const common = { kernel: 3, initializer, random };
    this[0] = convolution({ ...common, inChannels: 3, outChannels: half, stride: 2 });
    this[1] = new BatchNorm({ channels: half });
    this[3] = convolution({ ...common, inChannels: half, outChannels: half });
    this[4] = new BatchNorm({ channels: half });
    this[6] = convolution({ ...common, inChannels: half, outChannels: channels });
  }

  /** The result of the last convolution. @param images [B, H, W, 3] */
  forward(images: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => this[6].forward(this.#beforeLast(images)));
  }

  /** The result of the last convolution after the norm. */
  forwardNormalized(norm: BatchNorm, images: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => convBatchNorm(this[6], norm, this.#beforeLast(images)));
  }

  #beforeLast(images: tf.Tensor): tf.Tensor4D {
    const first = tf.relu(convBatchNorm(this[0], this[1], images));
    return tf.relu(convBatchNorm(this[3], this[4], first));
  }
}
