import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';

/** A network from images to features. Those of `@ltml/backbone` fit, and methods take no other notice of them. */
export interface Encoder extends Module {
  /** @param images [B, H, W, 3] */
  forward(images: tf.Tensor): EncoderOutput;
}

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type EncoderOutput = {
  /** [B, D] the image as a whole. */
  readonly features: tf.Tensor2D;
};

/** An {@link Encoder} that shows where in the image a feature is: ResNets. */
export interface MapEncoder extends Encoder {
  forward(images: tf.Tensor): EncoderOutput & {
    /** [B, h, w, D] */
    readonly featureMap: tf.Tensor4D;
  };
}

/** An {@link Encoder} that gives tokens: vision transformers, CLIP's towers. */
export interface TokenEncoder extends Encoder {
  forward(images: tf.Tensor): EncoderOutput & {
    /** [B, N, D] patches, row by row. */
    readonly patches: tf.Tensor3D;
    /** [B, 1 + N, D] both, the image as a whole first. */
    readonly tokens: tf.Tensor3D;
  };
}

/** What a method adds to a block: a module of the input of the block's MLP, before its norm. */
export interface Branch extends Module {
  /** @param x [B, L, W] @returns [B, L, W] */
  forward(x: tf.Tensor3D): tf.Tensor3D;
}

/** A block of a transformer that takes a branch beside its MLP: x + MLP(norm(x)) + adapter(x). The branch is a part of it. */
export interface AdaptableBlock extends Module {
  adapter: Branch | undefined;
}

/** A {@link TokenEncoder} of such blocks: vision transformers, CLIP's among them. */
export interface AdaptableEncoder extends TokenEncoder {
  readonly adaptableBlocks: readonly AdaptableBlock[];
}

/**
 * What a method may work on of an encoder's output: its features [B, D], its map [B, h, w, D], its patches
 * [B, N, D], or features and patches together, its tokens [B, 1 + N, D].
 */
export type EncodingName = keyof ReturnType<MapEncoder['forward']> | keyof ReturnType<TokenEncoder['forward']>;
