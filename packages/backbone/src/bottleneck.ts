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

export interface BottleneckOptions {
  readonly inChannels: number;
  /** P, of which the block gives four times as many channels. */
  readonly planes: number;
  /** Of the 3 × 3 convolution. */
  readonly stride: number;
  /** Of the 3 × 3 convolution; default 1. */
  readonly groups?: number;
  /** Its channels are ⌊P · groupWidth / 64⌋ · groups; default 64. */
  readonly groupWidth?: number;
  /** Whether the last norm starts at 0, so that the block starts as its shortcut; default false. */
  readonly zeroResidual?: boolean;
  /** Whether the shortcut averages over 2 × 2 where the block has a stride, as in ResNet-D; default false. */
  readonly averaged?: boolean;
  /** Draws the weights; they are zero if left out. */
  readonly random: RandomStream | undefined;
}

/** How many times its planes a bottleneck gives. */
export const expansion = 4;

/**
 * 1 × 1, 3 × 3 and 1 × 1 convolutions, each with a batch norm, and a shortcut.
 *
 * The stride sits on the 3 × 3 convolution, as in torchvision and in the encoders of SARB and the
 * Distribution-Balanced loss. The shortcut is x itself or, where the shape changes, a 1 × 1 convolution with batch norm,
 * `downsample.0` and `.1`.
 *
 * Source: He et al. 2016, figure 5, with the stride of Goyal et al. 2017, section 5.1; groups: Xie et al. 2017, figure 3c.
 */
export class Bottleneck extends Module {
  readonly outChannels: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm;
  readonly downsample: Shortcut | undefined;
  readonly #stride: number;

  constructor(options: BottleneckOptions) {
    super();
    const { inChannels, planes, stride, groups = 1, groupWidth = 64, zeroResidual = false, averaged = false } = options;
    const { random } = options;
    checkOptionNames('Bottleneck', options, [
      ...['inChannels', 'planes', 'stride', 'groups', 'groupWidth', 'zeroResidual', 'averaged', 'random'],
    ]);
    checkSizes('Bottleneck', { inChannels, planes, stride, groups, groupWidth });
    checkFlags('Bottleneck', { zeroResidual, averaged });
    const common = { initializer: kaimingNormal('fanOut'), random };
    const width = Math.floor((planes * groupWidth) / 64) * groups;
    this.outChannels = planes * expansion;
    const { outChannels } = this;
    this.conv1 = convolution({ ...common, inChannels, outChannels: width, kernel: 1 });
    this.bn1 = new BatchNorm({ channels: width });
    this.conv2 = convolution({ ...common, inChannels: width, outChannels: width, kernel: 3, stride, groups });
    this.bn2 = new BatchNorm({ channels: width });
    this.conv3 = convolution({ ...common, inChannels: width, outChannels, kernel: 1 });
    this.bn3 = new BatchNorm({ channels: outChannels });
    if (zeroResidual) startAtZero(this.bn3);
    this.downsample = shortcut({ ...common, inChannels, outChannels, stride, averaged });
    this.#stride = stride;
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const narrow = tf.relu(convBatchNorm(this.conv1, this.bn1, x));
    const inner = tf.relu(convBatchNorm(this.conv2, this.bn2, narrow));
    const residual = convBatchNorm(this.conv3, this.bn3, inner);
    return tf.relu(tf.add(residual, runShortcut(this.downsample, x, this.#stride)) as tf.Tensor4D);
  }
}

/** γ = 0 */
export function startAtZero({ weight }: BatchNorm): void {
  tf.tidy(() => weight.variable.assign(tf.zerosLike(weight.variable)));
}
