import type { Encoder, EncoderOutput, Parameter } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';

/** A CLIP image tower that gives its features before the projection. */
interface ProjectingEncoder extends Encoder {
  /** [W, D] */
  readonly proj: Parameter;
  forward(images: tf.Tensor): EncoderOutput & { readonly unprojected: tf.Tensor2D };
}

/** The projection [W, D] of an encoder that gives its features before the projection; undefined for others. */
export function projectionOf(encoder: Encoder | undefined): Parameter | undefined {
  const { proj, adaptableBlocks } = (encoder ?? {}) as Partial<ProjectingEncoder> & { adaptableBlocks?: unknown };
  return adaptableBlocks ? proj : undefined;
}

/** Features [B, W] of images, before the projection if the encoder has one. */
export function featuresOf(encoder: Encoder, images: tf.Tensor): tf.Tensor2D {
  const output = encoder.forward(images) as ReturnType<ProjectingEncoder['forward']>;
  return output.unprojected ?? output.features;
}
