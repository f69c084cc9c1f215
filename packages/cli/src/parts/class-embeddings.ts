import { embedClasses } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Embeddings of class names by `tiny-clip`, [C, E], scaled from length 1 to about that of word vectors, √E.
 * The caller disposes of them.
 */
export async function embedNames(classes: readonly string[]): Promise<tf.Tensor2D> {
  const { clip, tokenizer } = await loadTinyClip();
  try {
    const { shape, data } = await embedClasses(classes, { tokenizer, tower: clip.text });
    const [C, E] = shape as [number, number];
    return tf.tidy(() => tf.mul<tf.Tensor2D>(tf.tensor2d(data as Float32Array, [C, E]), Math.sqrt(E)));
  } finally {
    clip.dispose();
  }
}
