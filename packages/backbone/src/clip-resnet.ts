import {
  avgPool2d,
  BatchNorm,
  type Conv2d,
  checkOptionNames,
  checkShapes,
  convBatchNorm,
  kaimingUniform,
  Module,
  OptionError,
  type Pair,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { AttentionPool } from './attention-pool.ts';
import { expansion } from './bottleneck.ts';
import { checkFlags, checkHeads, checkSizeList, checkSizes } from './check-sizes.ts';
import { ClipBottleneck } from './clip-bottleneck.ts';
import { convolution } from './initial.ts';
import { patchGrid } from './patches.ts';
import { runLayer } from './residual-block.ts';
import type { ResNetOutput } from './resnet.ts';

/** The output of {@link ClipResNet}. Axes: B images, N places of the map, row by row, D features. */
export type ClipResNetOutput = ResNetOutput & {
  /** [B, N, D] each place, projected into the space of the features. */
  readonly patches: tf.Tensor3D;
  /** [B, 1 + N, D] the map's mean in that space, then the patches. */
  readonly tokens: tf.Tensor3D;
};

/** The configuration of a {@link ClipResNet}. */
export interface ClipResNetConfig {
  /** In pixels, or [height, width]; the feature map is 1/32 of it. */
  readonly imageSize: Pair;
  /** W, channels after the stem; the feature map has 32 · W. */
  readonly width: number;
  /** Number of blocks in each of the four stages. */
  readonly blocks: readonly number[];
  /** Heads of the attention pooling; default width / 2. */
  readonly heads?: number;
  /** D, features of the space shared with texts. */
  readonly embedding: number;
  /**
   * Recomputes the activations of blocks in the backward pass instead of storing them, to save memory; default false.
   */
  readonly recompute?: boolean;
}

/** The options of CLIP's RN50 and RN101. */
export type ClipResNetOptions = Partial<Pick<ClipResNetConfig, 'imageSize' | 'recompute'>> & {
  /** The stream for the initial weights. Leave it out if you load weights afterwards. */
  readonly random?: RandomStream;
};

/** The image tower of CLIP's RN50: 38.3 M parameters, D = 1024. @throws OptionError */
export function clipResnet50({ random, ...options }: ClipResNetOptions = {}): ClipResNet {
  checkOptionNames('clipResnet50', options, ['imageSize', 'recompute']);
  return new ClipResNet({ imageSize: 224, width: 64, blocks: [3, 4, 6, 3], embedding: 1024, ...options }, random);
}

/** The image tower of CLIP's RN101: 56.3 M parameters, D = 512. @throws OptionError */
export function clipResnet101({ random, ...options }: ClipResNetOptions = {}): ClipResNet {
  checkOptionNames('clipResnet101', options, ['imageSize', 'recompute']);
  return new ClipResNet({ imageSize: 224, width: 64, blocks: [3, 4, 23, 3], embedding: 512, ...options }, random);
}

/**
 * CLIP's image tower as a ResNet, with OpenAI's state names without `visual.`. It has a stem of three convolutions,
 * bottlenecks with average pooling, and an attention pooling. The result of the pooling is the image embedding; it is
 * not L2-normalised.
 *
 * Source: Radford et al. 2021, section 2.4.
 */
export class ClipResNet extends Module {
  /** D, the number of features. */
  readonly featureCount: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm;
  readonly attnpool: AttentionPool;
  readonly #recompute: boolean;
  readonly #layers: readonly (readonly ClipBottleneck[])[];

  /** @param random stream for the initial weights; leave it out if you load weights afterwards */
  constructor(config: ClipResNetConfig, random?: RandomStream) {
    super();
    const { imageSize, width, blocks, heads = width / 2, embedding } = config;
    const where = 'ClipResNet';
    checkOptionNames(where, config, ['imageSize', 'width', 'blocks', 'heads', 'embedding', 'recompute']);
    checkSizes(where, { width, embedding });
    checkSizeList(where, 'blocks', blocks);
    checkFlags(where, { recompute: config.recompute });
    if (width % 2 !== 0) {
      throw new OptionError({ where, argument: 'width', expected: 'even', received: `${width}` });
    }
    checkHeads(where, width * 2 ** (blocks.length - 1) * expansion, heads);
    const grid = patchGrid(where, imageSize, 4 * 2 ** (blocks.length - 1));
    const half = width / 2;
    const common = { kernel: 3, initializer: kaimingUniform(), random };
    this.conv1 = convolution({ ...common, inChannels: 3, outChannels: half, stride: 2 });
    this.bn1 = new BatchNorm({ channels: half });
    this.conv2 = convolution({ ...common, inChannels: half, outChannels: half });
    this.bn2 = new BatchNorm({ channels: half });
    this.conv3 = convolution({ ...common, inChannels: half, outChannels: width });
    this.bn3 = new BatchNorm({ channels: width });
    let inChannels = width;
    this.#layers = blocks.map((count, stage) =>
      Array.from({ length: count }, (_, i) => {
        const stride = stage > 0 && i === 0 ? 2 : 1;
        const block = new ClipBottleneck({ inChannels, planes: width * 2 ** stage, stride, random });
        inChannels = block.outChannels;
        return block;
      }),
    );
    // The field names are the state names, and their number depends on the configuration.
    for (const [i, layer] of this.#layers.entries()) Object.assign(this, { [`layer${i + 1}`]: layer });
    this.attnpool = new AttentionPool({ grid, width: inChannels, heads, embedding, random });
    this.featureCount = embedding;
    this.#recompute = config.recompute ?? false;
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights require
   * @returns the map before the attention pooling, [B, h, w, 32 · W]; the image embedding, [B, D]; and the places of
   *   the map in the space of the embedding, without attention
   * @throws ShapeError, also if the map's size differs from that of the pooling's positions
   */
  forward(images: tf.Tensor): ClipResNetOutput {
    return tf.tidy(() => {
      const [featureMap] = this.forwardStages(images).slice(-1);
      const tokens = this.attnpool.projectPlaces(featureMap);
      const [B, L, D] = tokens.shape;
      const patches = tf.slice(tokens, [0, 1, 0], [B, L - 1, D]);
      return { featureMap, features: this.attnpool.forward(featureMap), patches, tokens };
    });
  }

  /**
   * The feature maps after the stem and after each stage, for images of any size.
   *
   * @param images [B, H, W, 3]
   */
  forwardStages(images: tf.Tensor): tf.Tensor4D[] {
    checkShapes('ClipResNet.forward', { images: [images, 'B H W 3'] });
    return tf.tidy(() => {
      const maps = [this.#stem(images)];
      for (const layer of this.#layers) maps.push(runLayer(layer, maps[maps.length - 1], this.#recompute));
      return maps;
    });
  }

  #stem(images: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      let x = tf.relu(convBatchNorm(this.conv1, this.bn1, images));
      x = tf.relu(convBatchNorm(this.conv2, this.bn2, x));
      x = tf.relu(convBatchNorm(this.conv3, this.bn3, x));
      return avgPool2d(x, { kernel: 2 });
    });
  }
}
