import { checkCount, checkLabelTensor, checkOptionNames, checkShapes, Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link PositivesQueue}. */
export interface PositivesQueueOptions {
  /** C */
  readonly classes: number;
  /** K, features kept of each class. Default 100: the released code. */
  readonly size?: number;
  /** D */
  readonly features: number;
}

/**
 * The latest features of each class from images that are known to show it: one ring buffer per class.
 *
 * State: `features` [C, K, D] and `written` [C], a count of writes. `written` modulo K is the position of the next
 * write.
 *
 * Source: Chen et al. (SST), AAAI 2022, cross-image semantic transfer.
 */
export class PositivesQueue extends Module {
  readonly features: ModuleBuffer;
  readonly written: ModuleBuffer;

  /** @throws OptionError */
  constructor(options: PositivesQueueOptions) {
    super();
    checkOptionNames('PositivesQueue', options, ['classes', 'size', 'features']);
    const { classes, size = 100, features } = options;
    for (const [name, count] of Object.entries({ classes, size, features })) {
      checkCount('PositivesQueue', `options.${name}`, count);
    }
    this.features = new ModuleBuffer(tf.zeros([classes, size, features]), 'same');
    this.written = new ModuleBuffer(tf.zeros([classes]), 'same');
  }

  /** The kept features [C, K, D], and how many each class has, [C]. The caller disposes both. */
  contents(): { readonly vectors: tf.Tensor3D; readonly counts: tf.Tensor1D } {
    const [vectors, written] = [this.features.variable as tf.Tensor, this.written.variable as tf.Tensor];
    return {
      vectors: tf.clone(vectors) as tf.Tensor3D,
      counts: tf.minimum<tf.Tensor1D>(written as tf.Tensor1D, vectors.shape[1]!),
    };
  }

  /**
   * Writes the features of positives over the oldest features of their class. If a batch has more than K, the last K
   * stay.
   *
   * @param features [B, C, D]
   * @param positives [B, C] 1 for features to write, else 0
   * @throws ShapeError; DataError for other values
   */
  enqueue(features: tf.Tensor3D, positives: tf.Tensor2D): void {
    const [C, K, D] = this.features.shape;
    const { B } = checkShapes('PositivesQueue.enqueue', {
      features: [features, `B ${C} ${D}`],
      positives: [positives, `B ${C}`],
    });
    checkLabelTensor('PositivesQueue.enqueue', 'positives', positives);
    // Some engines fail on empty tensors.
    if (B === 0) return;
    tf.tidy(() => {
      const marks = tf.cast(tf.transpose(positives), 'float32');
      const rank = tf.sub(tf.cumsum(marks, 1), marks);
      const count = tf.sum(marks, 1, true);
      const kept = tf.mul(marks, tf.cast(tf.greaterEqual(rank, tf.sub(count, K)), 'float32'));
      const written = tf.expandDims(this.written.variable, 1);
      const slot = rest(tf.add(written, rank), K);
      // [C, B, K] 1 at the position to which a feature is written.
      const places = tf.mul(
        tf.expandDims(kept, 2),
        tf.cast(tf.equal(tf.expandDims(slot, 2), tf.range(0, K)), 'float32'),
      ) as tf.Tensor3D;
      const added = tf.matMul(places, tf.transpose(features, [1, 0, 2]), true);
      const free = tf.sub(1, tf.expandDims(tf.sum(places, 1), 2));
      this.features.variable.assign(tf.add(tf.mul(this.features.variable, free), added));
      // The count is kept below 2K. It still tells the next position (modulo K) and whether the ring is full (at least
      // K).
      const total = tf.add(written, count);
      const wrapped = tf.where(tf.greaterEqual(total, 2 * K), tf.add(rest(total, K), K), total);
      this.written.variable.assign(tf.reshape(wrapped, [C]));
    });
  }
}

/** x modulo `divisor`, for integers stored as float32. */
function rest(x: tf.Tensor, divisor: number): tf.Tensor {
  return tf.sub(x, tf.mul(tf.floor(tf.div(tf.add(x, 0.5), divisor)), divisor));
}
