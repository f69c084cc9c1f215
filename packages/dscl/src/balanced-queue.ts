import { checkOptionNames, checkShapes, Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelledKeys } from './labelled-keys.ts';
import { checkEnqueued, checkQueueOptions, type LabelledQueueOptions, unitVectors } from './labelled-queue.ts';

/** Options of {@link BalancedQueue}. It always starts with random keys. */
export type BalancedQueueOptions = Omit<LabelledQueueOptions, 'start'>;

/**
 * A queue with the same number of slots for every class: one ring buffer of ⌊K / C⌋ slots per class. It is the baseline
 * "balanced queue", which equalises the number of positives. (DSCL weights them instead.)
 *
 * State: `keys` [K′, D] with K′ = C · ⌊K / C⌋, class by class, and `pointers` [C], the next slot to write in each
 * class.
 *
 * Source: a row of the supplementary table 3 of Xuan and Zhang, AAAI 2024. The paper does not describe it; this is our
 * interpretation.
 */
export class BalancedQueue extends Module {
  readonly keys: ModuleBuffer;
  readonly labels: ModuleBuffer;
  readonly pointers: ModuleBuffer;
  readonly classes: number;

  constructor(options: BalancedQueueOptions) {
    super();
    checkOptionNames('BalancedQueue', options, ['size', 'dimension', 'classes', 'random']);
    const { size = 65_536, dimension = 128, classes, random } = options;
    checkQueueOptions('BalancedQueue', { size, dimension, classes }, classes);
    const slots = Math.floor(size / classes);
    this.classes = classes;
    this.keys = new ModuleBuffer(unitVectors(slots * classes, dimension, random), 'same');
    const labels = Int32Array.from({ length: slots * classes }, (_, i) => Math.floor(i / slots));
    this.labels = new ModuleBuffer(tf.tensor1d(labels, 'int32'), 'same');
    this.pointers = new ModuleBuffer(tf.zeros([classes]), 'same');
  }

  get contents(): LabelledKeys {
    const [keys, labels] = [this.keys.variable as tf.Tensor, this.labels.variable as tf.Tensor];
    return { keys: keys as tf.Tensor2D, labels: labels as tf.Tensor1D, classes: this.classes };
  }

  /**
   * Writes each key over the oldest key of its class. If a class gets more keys than it has slots, the last ones stay.
   *
   * @param keys [B, D]
   * @param classes [B] class indices
   * @throws ShapeError, DataError; see {@link LabelledQueue.enqueue}
   */
  enqueue(keys: tf.Tensor2D, classes: tf.Tensor1D): void {
    const [K, D] = this.keys.shape;
    const { B } = checkShapes('BalancedQueue.enqueue', { keys: [keys, `B ${D}`], labels: [classes, 'B'] });
    checkEnqueued('BalancedQueue.enqueue', keys, classes, this.classes);
    if (B === 0) return;
    const slots = K / this.classes;
    tf.tidy(() => {
      const labels = tf.cast(classes, 'int32') as tf.Tensor1D;
      const later = tf.greater(tf.expandDims(tf.range(0, B), 0), tf.expandDims(tf.range(0, B), 1));
      const same = tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0)), 'float32');
      // For each key: how many keys of its class are before it in this batch, and how many are after it.
      const after = tf.sum(tf.mul(same, tf.cast(later, 'float32')), 1);
      const before = tf.sub(tf.sum(same, 1), tf.add(after, 1));
      const rank = tf.add(tf.gather(this.pointers.variable, labels), before);
      const slot = tf.add(tf.mul(tf.cast(labels, 'float32'), slots), modulo(rank, slots));
      // If this batch writes a slot twice, the last key wins.
      const rival = tf.mul(tf.cast(tf.equal(tf.expandDims(slot, 1), tf.expandDims(slot, 0)), 'float32'), same);
      const last = tf.argMax(tf.mul(rival, tf.range(1, B + 1)), 1);
      const indices = tf.expandDims(tf.cast(slot, 'int32'), 1);
      this.keys.variable.assign(tf.tensorScatterUpdate(this.keys.variable, indices, tf.gather(keys, last)));
      const written = tf.unsortedSegmentSum(tf.ones([B]), labels, this.classes);
      this.pointers.variable.assign(modulo(tf.add(this.pointers.variable, written), slots));
    });
  }
}

/** x modulo `divisor`, for integers stored as float32. */
function modulo(x: tf.Tensor, divisor: number): tf.Tensor {
  return tf.sub(x, tf.mul(tf.floor(tf.div(tf.add(x, 0.5), divisor)), divisor));
}
