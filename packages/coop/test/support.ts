import { Module } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** D of the embeddings, and W of the tokens. */
export const width = 6;

export function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  return tf.randomNormal<R>(shape, 0, 1, 'float32', seed);
}

/** Tokens are letters; the end has the largest id. */
export const tokenizer: TextTokenizer = {
  contextLength: 24,
  startId: 1,
  endId: 127,
  encode: (text) => Array.from(text.toLowerCase(), (letter) => letter.charCodeAt(0) % 127),
};

/** A text is the sum of what its tokens are, each by its place. */
export class LetterTower extends Module implements TextTower {
  readonly #letters = normal<tf.Rank.R2>([128, width], 20);

  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    return tf.gather(this.#letters as tf.Tensor, tf.cast(ids, 'int32')) as tf.Tensor3D;
  }

  forwardEmbedded(tokens: tf.Tensor3D, ids: tf.Tensor): { embedding: tf.Tensor2D } {
    return tf.tidy(() => {
      const isText = tf.cast(
        tf.less(tf.range(0, ids.shape[1] as number), tf.expandDims(tf.argMax(ids, 1), 1)),
        'float32',
      );
      const places = tf.expandDims(tf.range(1, 1 + (ids.shape[1] as number)), 1);
      return { embedding: tf.sum(tf.mul(tf.tanh(tf.mul(tokens, places)), tf.expandDims(isText, 2)), 1) };
    });
  }
}

export const noStatistics = { trainCount: 0, classCounts: [], cooccurrence: [] };
