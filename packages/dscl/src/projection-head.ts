import { checkCount, checkOptionNames, Linear, l2Normalize, Module, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link ProjectionHead}. */
export interface ProjectionHeadOptions {
  /** I, features of the encoder. The hidden layer has the same width. */
  readonly features: number;
  /** D, width of the output. Default 128: released code. */
  readonly dimension?: number;
  readonly random: RandomStream;
}

/**
 * The projection head: linear → ReLU → linear → L2 normalisation, [..., I] → [..., D], without batch norm.
 *
 * @throws OptionError
 *
 * Edge cases: a zero vector stays zero, with a finite gradient.
 *
 * Source: Xuan and Zhang, AAAI 2024, released code.
 */
export class ProjectionHead extends Module {
  readonly hidden: Linear;
  readonly output: Linear;

  constructor(options: ProjectionHeadOptions) {
    super();
    checkOptionNames('ProjectionHead', options, ['features', 'dimension', 'random']);
    const { features, dimension = 128, random } = options;
    checkCount('ProjectionHead', 'options.features', features);
    checkCount('ProjectionHead', 'options.dimension', dimension);
    this.hidden = new Linear({ inFeatures: features, outFeatures: features, random });
    this.output = new Linear({ inFeatures: features, outFeatures: dimension, random });
  }

  forward<T extends tf.Tensor>(features: T): T {
    return tf.tidy(() => l2Normalize(this.output.forward(tf.relu(this.hidden.forward(features)))) as T);
  }
}
