import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';

/** What is needed of a text tower; `ClipTextTransformer` of `@ltml/backbone` fits. */
export interface TextTower extends Module {
  /** @param ids [C, M] int32 → [C, M, W], without positions */
  embedTokens(ids: tf.Tensor): tf.Tensor3D;
  /** @param tokenEmbeddings [C, M, W], @param ids [C, M], which tell where a text ends */
  forwardEmbedded(tokenEmbeddings: tf.Tensor3D, ids: tf.Tensor): { readonly embedding: tf.Tensor2D };
}

/** What is needed of a tokenizer; `ClipTokenizer` of `@ltml/backbone` fits. */
export interface TextTokenizer {
  readonly contextLength: number;
  readonly startId: number;
  readonly endId: number;
  /** Ids of a text's tokens, without start and end. */
  encode(text: string): number[];
}
