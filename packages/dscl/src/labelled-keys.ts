import { checkCount, checkShapes, checkWholeTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Keys of past images with their classes; `LabelledQueue` is one. */
export interface LabelledKeys {
  /** [K, D] unit vectors, one row a key. */
  readonly keys: tf.Tensor2D;
  /** [K] the class of each key, or −1 for a slot that holds none yet. */
  readonly labels: tf.Tensor1D;
  /** C */
  readonly classes: number;
  /** Whether there may be empty slots, which are no candidates; default false. */
  readonly mayHaveEmpty?: boolean;
}

/** Sum and number of the keys of a class, for each of some images. */
export type Positives = {
  /** [B, D] */
  readonly sum: tf.Tensor2D;
  /** [B, 1] */
  readonly count: tf.Tensor2D;
};

/**
 * Σ and number of the keys that have an image's class.
 *
 * All that a loss needs of its positives is their sum, since it is linear in their logits: Σ_t z·z_t = z·Σ_t z_t. So
 * classes are summed once, K · D additions, and nothing of size [B, K] is made for them.
 *
 * @param labels [B] int32
 */
export function positivesOf(labels: tf.Tensor1D, { keys, labels: keyLabels, classes }: LabelledKeys): Positives {
  return tf.tidy(() => {
    const [B, D] = [labels.size, keys.shape[1]];
    // Kernels of some engines fail on tensors without entries.
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

/** [1, K] 1 where a slot holds a key, or nothing where all do. */
export function filledSlots({ labels, mayHaveEmpty = false }: LabelledKeys): tf.Tensor2D | undefined {
  if (!mayHaveEmpty) return undefined;
  return tf.reshape(tf.cast(tf.greaterEqual(labels, 0), 'float32'), [1, -1]);
}

/** Shapes and classes that every loss over labelled keys asks for. */
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
