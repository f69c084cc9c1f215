import {
  avgPool2d,
  BatchNorm,
  type Conv2d,
  checkOptionNames,
  checkShapes,
  convBatchNorm,
  globalAveragePool,
  kaimingNormal,
  kaimingUniform,
  Linear,
  Module,
  maxPool2d,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { BasicBlock, type BasicBlockOptions } from './basic-block.ts';
import { checkFlags, checkFunction, checkSizes } from './check-sizes.ts';
import { classifierOf } from './classifier.ts';
import { DeepStem } from './deep-stem.ts';
import { convolution, initial } from './initial.ts';
import { type ResidualBlock, runLayer } from './residual-block.ts';

/** One stage: blocks of equal width. The first block may halve height and width. */
export interface ResNetStage {
  /** Channels of a basic block; for a bottleneck its planes, a quarter of its output channels. */
  readonly channels: number;
  readonly blocks: number;
  readonly stride: number;
}

/** The configuration of a {@link ResNet}. */
export interface ResNetConfig {
  /** The first convolution, padded by half its kernel, and whether a 3 × 3 max pooling with stride 2 follows. */
  readonly stem: {
    readonly channels: number;
    readonly kernel: number;
    readonly stride: number;
    readonly maxPool: boolean;
    /**
     * Whether three 3 × 3 convolutions replace the first one, as in ResNet-D; `kernel` and `stride` are then 3 and 2.
     */
    readonly deep?: boolean;
  };
  /** The stages, in order. */
  readonly stages: readonly ResNetStage[];
  /** Builds a block of a stage; default basic blocks. */
  readonly block?: (options: BasicBlockOptions) => ResidualBlock;
  /**
   * Whether the feature map is averaged over 2 × 2 places, as in SARB's encoder; an odd last row or column is dropped.
   */
  readonly halveMap?: boolean;
  /** C, the number of outputs of the classifier `fc`; default no classifier. */
  readonly classes?: number;
  /**
   * Recomputes the activations of blocks in the backward pass instead of storing them, to save memory; default false.
   */
  readonly recompute?: boolean;
}

/**
 * The output of a residual network. Axes: B images, h and w the reduced height and width, D features.
 *
 * (A type, because `tf.tidy` and `tf.dispose` do not accept an interface.)
 */
export type ResNetOutput = {
  /** [B, h, w, D] features by place, before the pooling. */
  readonly featureMap: tf.Tensor4D;
  /** [B, D] the features of the whole image; for a {@link ResNet} the mean of the map over its places. */
  readonly features: tf.Tensor2D;
};

/**
 * A residual network with torchvision's state names: `conv1`, `bn1`, `layer1.0.conv1`, …, and `fc` if it has a
 * classifier.
 *
 * Source: He et al. 2016.
 */
export class ResNet extends Module {
  /** D, the number of features. */
  readonly featureCount: number;
  readonly conv1: Conv2d | DeepStem;
  readonly bn1: BatchNorm;
  readonly fc: Linear | undefined;
  readonly #maxPool: boolean;
  readonly #halveMap: boolean;
  readonly #recompute: boolean;
  readonly #layers: readonly (readonly ResidualBlock[])[];

  /**
   * @param random stream for the initial weights, Kaiming normal by fan-out; leave it out if you load weights
   *   afterwards
   */
  constructor(config: ResNetConfig, random?: RandomStream) {
    super();
    checkConfig(config);
    const { stem, stages, block = (options) => new BasicBlock(options), classes } = config;
    const { channels: outChannels, kernel, stride, deep = false } = stem;
    const initializer = kaimingNormal('fanOut');
    this.conv1 = deep
      ? new DeepStem(outChannels, initializer, random)
      : convolution({ inChannels: 3, outChannels, kernel, stride, initializer, random });
    this.bn1 = new BatchNorm({ channels: stem.channels });
    this.#maxPool = stem.maxPool;
    let inChannels = stem.channels;
    this.#layers = stages.map(({ channels, blocks, stride }) =>
      Array.from({ length: blocks }, (_, i) => {
        const made = block({ inChannels, channels, stride: i === 0 ? stride : 1, random });
        inChannels = made.outChannels;
        return made;
      }),
    );
    // The field names are the state names, and their number depends on the configuration.
    for (const [i, layer] of this.#layers.entries()) Object.assign(this, { [`layer${i + 1}`]: layer });
    this.featureCount = inChannels;
    this.#halveMap = config.halveMap ?? false;
    this.#recompute = config.recompute ?? false;
    this.fc =
      classes === undefined
        ? undefined
        : new Linear({ inFeatures: inChannels, outFeatures: classes, ...initial(random, kaimingUniform()) });
  }

  /**
   * @param images [B, H, W, 3], normalised as the weights require
   * @throws ShapeError
   */
  forward(images: tf.Tensor): ResNetOutput {
    return tf.tidy(() => {
      const [featureMap] = this.forwardStages(images).slice(-1);
      const map = this.#halveMap ? avgPool2d(featureMap, { kernel: 2 }) : featureMap;
      return { featureMap: map, features: globalAveragePool(map) };
    });
  }

  /**
   * The feature maps after the stem and after each stage, from large to small. (With `halveMap`, {@link forward} also
   * averages the last one.)
   *
   * @param images [B, H, W, 3]
   */
  forwardStages(images: tf.Tensor): tf.Tensor4D[] {
    checkShapes('ResNet.forward', { images: [images, 'B H W 3'] });
    return tf.tidy(() => {
      const maps = [this.#stem(images)];
      for (const layer of this.#layers) maps.push(runLayer(layer, maps[maps.length - 1], this.#recompute));
      return maps;
    });
  }

  /**
   * @param features [B, D] from {@link forward}
   * @returns [B, C] logits
   * @throws NotSupportedError if the network has no classifier
   */
  classify(features: tf.Tensor): tf.Tensor2D {
    return classifierOf('ResNet', this.fc).forward(features) as tf.Tensor2D;
  }

  #stem(images: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const { conv1, bn1 } = this;
      const isDeep = conv1 instanceof DeepStem;
      const x = tf.relu(isDeep ? conv1.forwardNormalized(bn1, images) : convBatchNorm(conv1, bn1, images));
      return this.#maxPool ? maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }) : x;
    });
  }
}

/** Checks the configuration. @throws OptionError */
function checkConfig(config: ResNetConfig): void {
  const where = 'ResNet';
  checkOptionNames(where, config, ['stem', 'stages', 'block', 'halveMap', 'classes', 'recompute']);
  const { stem, stages, block, halveMap, classes, recompute } = config;
  checkOptionNames(where, stem, ['channels', 'kernel', 'stride', 'maxPool', 'deep']);
  const { maxPool, channels, kernel, stride, deep } = stem;
  checkSizes(where, { 'stem.channels': channels, 'stem.kernel': kernel, 'stem.stride': stride });
  checkFlags(where, { 'stem.maxPool': maxPool, 'stem.deep': deep, halveMap, recompute });
  if (classes !== undefined) checkSizes(where, { classes });
  for (const [i, stage] of stages.entries()) {
    checkOptionNames(where, stage, ['channels', 'blocks', 'stride']);
    const sizes = { channels: stage.channels, blocks: stage.blocks, stride: stage.stride };
    for (const [name, size] of Object.entries(sizes)) checkSizes(where, { [`stages[${i}].${name}`]: size });
  }
  checkFunction(where, 'block', block);
}
