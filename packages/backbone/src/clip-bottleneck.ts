import {
  avgPool2d,
  BatchNorm,
  type Conv2d,
  checkOptionNames,
  convBatchNorm,
  kaimingUniform,
  Module,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expansion, startAtZero } from './bottleneck.ts';
import { checkSizes } from './check-sizes.ts';
import { convolution } from './initial.ts';

/** Options of {@link ClipBottleneck}. */
export interface ClipBottleneckOptions {
  readonly inChannels: number;
  /** P; the block outputs 4 · P channels. */
  readonly planes: number;
  /** Size and stride of the average pooling; 1 for none. */
  readonly stride: number;
  /** The stream for the initial weights; undefined starts them at zero. */
  readonly random: RandomStream | undefined;
}

/**
 * The bottleneck of CLIP's ResNets. All its convolutions have stride 1. Average poolings before the last convolution
 * and before the shortcut's convolution reduce the size; they drop an odd last row or column.
 *
 * Source: Radford et al. 2021, section 2.4; He et al. 2019 (ResNet-D); Zhang 2019.
 */
export class ClipBottleneck extends Module {
  readonly outChannels: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm;
  readonly downsample: readonly [Conv2d, BatchNorm] | undefined;
  readonly #stride: number;

  constructor(options: ClipBottleneckOptions) {
    super();
    checkOptionNames('ClipBottleneck', options, ['inChannels', 'planes', 'stride', 'random']);
    const { inChannels, planes, stride, random } = options;
    checkSizes('ClipBottleneck', { inChannels, planes, stride });
    const common = { initializer: kaimingUniform(), random };
    this.outChannels = planes * expansion;
    const { outChannels } = this;
    this.conv1 = convolution({ ...common, inChannels, outChannels: planes, kernel: 1 });
    this.bn1 = new BatchNorm({ channels: planes });
    this.conv2 = convolution({ ...common, inChannels: planes, outChannels: planes, kernel: 3 });
    this.bn2 = new BatchNorm({ channels: planes });
    this.conv3 = convolution({ ...common, inChannels: planes, outChannels, kernel: 1 });
    this.bn3 = new BatchNorm({ channels: outChannels });
    startAtZero(this.bn3);
    this.downsample =
      stride === 1 && inChannels === outChannels
        ? undefined
        : [convolution({ ...common, inChannels, outChannels, kernel: 1 }), new BatchNorm({ channels: outChannels })];
    this.#stride = stride;
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const narrow = tf.relu(convBatchNorm(this.conv1, this.bn1, x));
    const inner = tf.relu(convBatchNorm(this.conv2, this.bn2, narrow));
    const residual = convBatchNorm(this.conv3, this.bn3, this.#pool(inner));
    const shortcut = this.downsample ? convBatchNorm(...this.downsample, this.#pool(x)) : x;
    return tf.relu(tf.add(residual, shortcut) as tf.Tensor4D);
  }

  #pool(x: tf.Tensor4D): tf.Tensor4D {
    return this.#stride === 1 ? x : avgPool2d(x, { kernel: this.#stride });
  }
}
