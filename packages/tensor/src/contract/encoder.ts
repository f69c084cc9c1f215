import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';

/** A network from images to features, as methods see it. The networks of `@ltml/backbone` implement it. */
export interface Encoder extends Module {
  /** @param images [B, H, W, 3] */
  forward(images: tf.Tensor): EncoderOutput;
}

/** The output of an encoder. (A type, because `tf.tidy` does not accept an interface.) */
export type EncoderOutput = {
  /** [B, D] the features of the whole image. */
  readonly features: tf.Tensor2D;
};

/** An {@link Encoder} with features by place, e.g. a ResNet. */
export interface MapEncoder extends Encoder {
  forward(images: tf.Tensor): EncoderOutput & {
    /** [B, h, w, D] features by place. */
    readonly featureMap: tf.Tensor4D;
  };
}

/** An {@link Encoder} with tokens, e.g. a vision transformer or CLIP's image tower. */
export interface TokenEncoder extends Encoder {
  forward(images: tf.Tensor): EncoderOutput & {
    /** [B, N, D] features of the patches, row by row. */
    readonly patches: tf.Tensor3D;
    /** [B, 1 + N, D] the features of the whole image, then the patches. */
    readonly tokens: tf.Tensor3D;
  };
}

/** A module that a method adds to a transformer block. Its input is the input of the block's MLP before the norm. */
export interface Branch extends Module {
  /** @param x [B, L, W] @returns [B, L, W] */
  forward(x: tf.Tensor3D): tf.Tensor3D;
}

/** A transformer block that takes a branch beside its MLP: x + MLP(norm(x)) + adapter(x). It owns the branch. */
export interface AdaptableBlock extends Module {
  adapter: Branch | undefined;
}

/** A {@link TokenEncoder} made of such blocks, e.g. a vision transformer or CLIP's. */
export interface AdaptableEncoder extends TokenEncoder {
  readonly adaptableBlocks: readonly AdaptableBlock[];
}

/**
 * The encodings that a method can use: features [B, D], feature map [B, h, w, D], patches [B, N, D], or tokens [B, 1 +
 * N, D] (the features and the patches together).
 */
export type EncodingName = keyof ReturnType<MapEncoder['forward']> | keyof ReturnType<TokenEncoder['forward']>;
