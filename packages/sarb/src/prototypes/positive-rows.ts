import { checkLabelTensor, checkShapes } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Reads batches once and calls `take` with the row of each known positive, in order. Only these rows are copied from
 * the engine's memory.
 *
 * @param batches this function disposes them
 * @param encode inputs → one row per class, [B, C, D]
 * @returns D; 0 without batches
 * @throws ShapeError; DataError for labels other than 0 and 1
 */
export async function eachPositive(
  where: string,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  encode: (inputs: tf.Tensor) => tf.Tensor3D,
  classes: number,
  take: (c: number, row: Float32Array) => void,
): Promise<number> {
  let D = 0;
  for await (const { inputs, labels, known } of batches) {
    try {
      checkShapes(where, { labels: [labels, `B ${classes}`], known: [known, `B ${classes}`] });
      checkLabelTensor(where, 'labels', labels);
      checkLabelTensor(where, 'known', known);
      D = await takeBatch(where, inputs, positivesOf(labels, known), encode, take);
    } finally {
      tf.dispose([inputs, labels, known]);
    }
  }
  return D;
}

function positivesOf(labels: tf.Tensor2D, known: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.mul<tf.Tensor2D>(tf.cast(labels, 'float32'), tf.cast(known, 'float32')));
}

/** Handles one batch, and disposes `positives`. */
async function takeBatch(
  where: string,
  inputs: tf.Tensor,
  positives: tf.Tensor2D,
  encode: (inputs: tf.Tensor) => tf.Tensor3D,
  take: (c: number, row: Float32Array) => void,
): Promise<number> {
  const marks = await positives.data();
  const [, classes] = positives.shape;
  const places = Array.from(marks.keys()).filter((place) => marks[place] > 0);
  const rows = tf.tidy(() => {
    const features = encode(inputs);
    const { B, C, D } = checkShapes(where, { positives: [positives, 'B C'], features: [features, 'B C D'] });
    const flat = tf.reshape(features, [B * C, D]);
    return places.length > 0 ? tf.gather(flat, tf.tensor1d(places, 'int32')) : tf.zeros([1, D]);
  });
  const values = (await rows.data()) as Float32Array;
  const width = rows.shape[1] as number;
  for (const [i, place] of places.entries()) take(place % classes, values.subarray(i * width, (i + 1) * width));
  tf.dispose([positives, rows]);
  return width;
}
