import { checkCount, checkShapes, checkWholeTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Keys of past images with their classes, for example the contents of a `LabelledQueue`. */
export interface LabelledKeys {
  /** [K, D] unit vectors, one row per key. */
  readonly keys: tf.Tensor2D;
  /** [K] the class of each key, or −1 for an empty slot. */
  readonly labels: tf.Tensor1D;
  /** C */
  readonly classes: number;
  /** Whether there can be empty slots, which are not candidates. Default false. */
  readonly mayHaveEmpty?: boolean;
}

/** For each image, the sum and number of the keys of its class. */
export type Positives = {
  /** [B, D] */
  readonly sum: tf.Tensor2D;
  /** [B, 1] */
  readonly count: tf.Tensor2D;
};

/**
 * Sum and number of the keys of each image's class.
 *
 * A loss needs only the sum of its positives, because it is linear in their logits: Σ_t z·z_t = z·Σ_t z_t. So the keys
 * of each class are summed once, with K · D additions, and no tensor [B, K] is needed.
 *
 * @param labels [B] int32
 */
export function positivesOf(labels: tf.Tensor1D, { keys, labels: keyLabels, classes }: LabelledKeys): Positives {
  return tf.tidy(() => {
    const [B, D] = [labels.size, keys.shape[1]];
    // Some engines fail on empty tensors.
    if (B * keyLabels.size === 0) return { sum: tf.zeros([B, D]), count: tf.zeros([B, 1]) };
    const [wanted, held] = [labels, keyLabels].map((x) => tf.cast(x, 'int32') as tf.Tensor1D);
    const sums = tf.unsortedSegmentSum(keys, held, classes);
    const counts = tf.unsortedSegmentSum(tf.ones([held.size]), held, classes);
    return {
      sum: tf.gather(sums, wanted) as tf.Tensor2D,
      count: tf.reshape(tf.gather(counts, wanted), [-1, 1]),
    };
  });
}

/** [1, K] 1 for a filled slot, 0 for an empty one; undefined if no slot can be empty. */
export function filledSlots({ labels, mayHaveEmpty = false }: LabelledKeys): tf.Tensor2D | undefined {
  if (!mayHaveEmpty) return undefined;
  return tf.reshape(tf.cast(tf.greaterEqual(labels, 0), 'float32'), [1, -1]);
}

/** Checks the shapes and class indices for all losses over labelled keys. @throws ShapeError, DataError */
export function checkContrast(
  where: string,
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  labels: tf.Tensor1D,
  { keys, labels: keyLabels, classes, mayHaveEmpty = false }: LabelledKeys,
): void {
  checkShapes(where, {
    anchors: [anchors, 'B D'],
    ownKeys: [ownKeys, 'B D'],
    labels: [labels, 'B'],
    'queue.keys': [keys, 'K D'],
    'queue.labels': [keyLabels, 'K'],
  });
  checkCount(where, 'queue.classes', classes);
  checkWholeTensor(where, 'labels', labels, 0, classes - 1);
  checkWholeTensor(where, 'queue.labels', keyLabels, mayHaveEmpty ? -1 : 0, classes - 1);
}
