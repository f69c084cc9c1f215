import { Module, normal, Parameter, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkSizes } from './check-sizes.ts';
import { initial } from './initial.ts';
import type { ResNet } from './resnet.ts';

/** The output of {@link ProjectedResNet}. Axes: B images, N places of the map, row by row, D features. */
export type ProjectedOutput = {
  /** [B, D] the features of the whole image: the mean of its places. */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
  /** [B, 1 + N, D] the features of the whole image, then the patches. */
  readonly tokens: tf.Tensor3D;
};

/**
 * A residual network as CLIP's image tower. Each place of its feature map is projected into the space shared with the
 * texts, and the places are averaged. (OpenAI's ResNets use attention pooling instead of the mean, see `ClipResNet`.)
 */
export class ProjectedResNet extends Module {
  /** D, the number of features. */
  readonly featureCount: number;
  readonly trunk: ResNet;
  readonly proj: Parameter;

  /**
   * Wraps a network, and owns it.
   *
   * @param embedding D
   * @param random stream for the projection; leave it out if you load weights afterwards
   */
  constructor(trunk: ResNet, embedding: number, random?: RandomStream) {
    super();
    checkSizes('ProjectedResNet', { embedding });
    this.featureCount = embedding;
    this.trunk = trunk;
    const channels = trunk.featureCount;
    const { initializer, random: stream } = initial(random, normal(0, channels ** -0.5));
    this.proj = new Parameter(initializer([channels, embedding], { fanIn: channels, fanOut: embedding }, stream));
  }

  /** @param images [B, H, W, 3], normalised as the weights require */
  forward(images: tf.Tensor): ProjectedOutput {
    return tf.tidy(() => {
      const { featureMap } = this.trunk.forward(images);
      const [B, h, w, channels] = featureMap.shape;
      const rows = tf.matMul(
        tf.reshape<tf.Rank.R2>(featureMap, [B * h * w, channels]),
        this.proj.variable as tf.Tensor2D,
      );
      const patches = tf.reshape<tf.Rank.R3>(rows, [B, h * w, this.featureCount]);
      const features = tf.mean<tf.Tensor2D>(patches, 1);
      return { patches, features, tokens: tf.concat([tf.expandDims<tf.Tensor3D>(features, 1), patches], 1) };
    });
  }
}
