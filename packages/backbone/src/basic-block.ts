import {
  BatchNorm,
  type Conv2d,
  checkOptionNames,
  convBatchNorm,
  kaimingNormal,
  Module,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkSizes } from './check-sizes.ts';
import { convolution } from './initial.ts';

export interface BasicBlockOptions {
  readonly inChannels: number;
  readonly channels: number;
  /** Of the first convolution. */
  readonly stride: number;
  /** Draws the weights; they are zero if left out. */
  readonly random: RandomStream | undefined;
}

/**
 * Two 3 × 3 convolutions and a shortcut: relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).
 *
 * The shortcut is x itself or, where the shape changes, a 1 × 1 convolution with batch norm, `downsample.0` and `.1`.
 *
 * Source: He et al. 2016, figure 2 and option B of section 3.3.
 */
export class BasicBlock extends Module {
  readonly outChannels: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly downsample: readonly [Conv2d, BatchNorm] | undefined;

  constructor(options: BasicBlockOptions) {
    super();
    checkOptionNames('BasicBlock', options, ['inChannels', 'channels', 'stride', 'random']);
    const { inChannels, channels, stride, random } = options;
    checkSizes('BasicBlock', { inChannels, channels, stride });
    const common = { outChannels: channels, initializer: kaimingNormal('fanOut'), random };
    this.outChannels = channels;
    this.conv1 = convolution({ ...common, inChannels, kernel: 3, stride });
    this.bn1 = new BatchNorm({ channels });
    this.conv2 = convolution({ ...common, inChannels: channels, kernel: 3 });
    this.bn2 = new BatchNorm({ channels });
    this.downsample =
      stride === 1 && inChannels === channels
        ? undefined
        : [convolution({ ...common, inChannels, kernel: 1, stride }), new BatchNorm({ channels })];
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const inner = tf.relu(convBatchNorm(this.conv1, this.bn1, x));
    const residual = convBatchNorm(this.conv2, this.bn2, inner);
    const shortcut = this.downsample ? convBatchNorm(...this.downsample, x) : x;
    return tf.relu(tf.add(residual, shortcut) as tf.Tensor4D);
  }
}
