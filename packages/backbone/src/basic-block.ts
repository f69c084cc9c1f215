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
import { checkFlags, checkSizes } from './check-sizes.ts';
import { convolution } from './initial.ts';
import { runShortcut, type Shortcut, shortcut } from './shortcut.ts';

/** Options of {@link BasicBlock}. */
export interface BasicBlockOptions {
  readonly inChannels: number;
  readonly channels: number;
  /** Stride of the first convolution. */
  readonly stride: number;
  /** Whether the shortcut of a block with stride averages over 2 × 2 pixels, as in ResNet-D; default false. */
  readonly averaged?: boolean;
  /** The stream for the initial weights; undefined starts them at zero. */
  readonly random: RandomStream | undefined;
}

/**
 * The basic block of a ResNet: two 3 × 3 convolutions and a shortcut, relu(bn2(conv2(relu(bn1(conv1(x))))) +
 * shortcut(x)).
 *
 * The shortcut is x itself. If the shape changes, it is a 1 × 1 convolution with batch norm, `downsample.0` and `.1`.
 *
 * Source: He et al. 2016, figure 2 and option B of section 3.3.
 */
export class BasicBlock extends Module {
  readonly outChannels: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly downsample: Shortcut | undefined;
  readonly #stride: number;

  constructor(options: BasicBlockOptions) {
    super();
    checkOptionNames('BasicBlock', options, ['inChannels', 'channels', 'stride', 'averaged', 'random']);
    const { inChannels, channels, stride, averaged = false, random } = options;
    checkSizes('BasicBlock', { inChannels, channels, stride });
    checkFlags('BasicBlock', { averaged });
    const common = { outChannels: channels, initializer: kaimingNormal('fanOut'), random };
    this.outChannels = channels;
    this.conv1 = convolution({ ...common, inChannels, kernel: 3, stride });
    this.bn1 = new BatchNorm({ channels });
    this.conv2 = convolution({ ...common, inChannels: channels, kernel: 3 });
    this.bn2 = new BatchNorm({ channels });
    this.downsample = shortcut({ ...common, inChannels, stride, averaged });
    this.#stride = stride;
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const inner = tf.relu(convBatchNorm(this.conv1, this.bn1, x));
    const residual = convBatchNorm(this.conv2, this.bn2, inner);
    return tf.relu(tf.add(residual, runShortcut(this.downsample, x, this.#stride)) as tf.Tensor4D);
  }
}
