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

/** Options of {@link Bottleneck}. */
export interface BottleneckOptions {
  readonly inChannels: number;
  /** P; the block outputs 4 · P channels. */
  readonly planes: number;
  /** Stride of the 3 × 3 convolution. */
  readonly stride: number;
  /** Groups of the 3 × 3 convolution; default 1. */
  readonly groups?: number;
  /** The 3 × 3 convolution has ⌊P · groupWidth / 64⌋ · groups channels; default 64. */
  readonly groupWidth?: number;
  /** Whether the last norm starts at 0, so that the block initially equals its shortcut; default false. */
  readonly zeroResidual?: boolean;
  /** Whether the shortcut of a block with stride averages over 2 × 2 pixels, as in ResNet-D; default false. */
  readonly averaged?: boolean;
  /** The stream for the initial weights; undefined starts them at zero. */
  readonly random: RandomStream | undefined;
}

/** A bottleneck outputs this many times its planes. */
export const expansion = 4;

/**
 * The bottleneck block of a ResNet: 1 × 1, 3 × 3 and 1 × 1 convolutions, each with a batch norm, and a shortcut.
 *
 * The stride is on the 3 × 3 convolution, as in torchvision and in the encoders of SARB and the Distribution-Balanced
 * loss. The shortcut is x itself. If the shape changes, it is a 1 × 1 convolution with batch norm, `downsample.0` and
 * `.1`.
 *
 * Source: He et al. 2016, figure 5, with the stride of Goyal et al. 2017, section 5.1; groups: Xie et al. 2017, figure
 * 3c.
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

/** Sets γ to 0. */
export function startAtZero({ weight }: BatchNorm): void {
  tf.tidy(() => weight.variable.assign(tf.zerosLike(weight.variable)));
}
