import { BatchNorm, Conv2d, kaimingNormal, Module, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

export interface BasicBlockOptions {
  readonly inChannels: number;
  readonly channels: number;
  /** Of the first convolution. */
  readonly stride: number;
  readonly random: RandomStream;
}

/**
 * Two 3 × 3 convolutions and a shortcut: relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).
 *
 * The shortcut is x itself or, where the shape changes, a 1 × 1 convolution with batch norm, `downsample.0` and `.1`.
 *
 * Source: He et al. 2016, figure 2 and option B of section 3.3.
 */
export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly downsample: readonly [Conv2d, BatchNorm] | undefined;

  constructor(options: BasicBlockOptions) {
    super();
    const { inChannels, channels, stride, random } = options;
    const convolution = (inputs: number, kernel: number, step: number): Conv2d =>
      new Conv2d({
        inChannels: inputs,
        outChannels: channels,
        kernel,
        stride: step,
        padding: Math.floor(kernel / 2),
        bias: false,
        initializer: kaimingNormal('fanOut'),
        random,
      });
    this.conv1 = convolution(inChannels, 3, stride);
    this.bn1 = new BatchNorm({ channels });
    this.conv2 = convolution(channels, 3, 1);
    this.bn2 = new BatchNorm({ channels });
    const sameShape = stride === 1 && inChannels === channels;
    this.downsample = sameShape ? undefined : [convolution(inChannels, 1, stride), new BatchNorm({ channels })];
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const inner = tf.relu(this.bn1.forward(this.conv1.forward(x)));
    const residual = this.bn2.forward(this.conv2.forward(inner));
    const shortcut = this.downsample ? this.downsample[1].forward(this.downsample[0].forward(x)) : x;
    return tf.relu(tf.add(residual, shortcut) as tf.Tensor4D);
  }
}
