import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';

/** The text tower that methods need; `ClipTextTransformer` of `@ltml/backbone` implements it. */
export interface TextTower extends Module {
  /** Token embeddings without positions. @param ids [C, M] int32 @returns [C, M, W] */
  embedTokens(ids: tf.Tensor): tf.Tensor3D;
  /** Encodes token embeddings. @param tokenEmbeddings [C, M, W] @param ids [C, M], which mark the end of each text */
  forwardEmbedded(tokenEmbeddings: tf.Tensor3D, ids: tf.Tensor): { readonly embedding: tf.Tensor2D };
}

/** The tokenizer that methods need; `ClipTokenizer` of `@ltml/backbone` implements it. */
export interface TextTokenizer {
  /** Longest text, in tokens, with the start and end token. */
  readonly contextLength: number;
  readonly startId: number;
  readonly endId: number;
  /** The token ids of a text, without start and end token. */
  encode(text: string): number[];
}
