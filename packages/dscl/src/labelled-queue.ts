import {
  checkChoice,
  checkCount,
  checkFiniteTensor,
  checkOptionNames,
  checkShapes,
  checkWholeTensor,
  Module,
  ModuleBuffer,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelledKeys } from './labelled-keys.ts';

/** Options of {@link LabelledQueue}. */
export interface LabelledQueueOptions {
  /** K, number of keys. Default 65,536: released code. */
  readonly size?: number;
  /** D, width of a key. Default 128. */
  readonly dimension?: number;
  /** C, number of classes. */
  readonly classes: number;
  /**
   * The content before training. Default `random`.
   *
   * - `random`: random unit vectors with random classes, as in the released code.
   * - `empty`: empty slots, which are not candidates. This is our addition.
   */
  readonly start?: 'random' | 'empty';
  readonly random: RandomStream;
}

/**
 * A queue of the keys of past images with their classes: a ring buffer that overwrites the oldest key.
 *
 * State: `keys` [K, D], `labels` [K] int32 (−1: empty), `pointer` [1] int32, the next slot to write.
 *
 * Source: MoCo (He et al. 2020); with labels Xuan and Zhang, AAAI 2024, released code.
 */
export class LabelledQueue extends Module {
  readonly keys: ModuleBuffer;
  readonly labels: ModuleBuffer;
  readonly pointer: ModuleBuffer;
  readonly classes: number;
  readonly #mayHaveEmpty: boolean;

  constructor(options: LabelledQueueOptions) {
    super();
    checkOptionNames('LabelledQueue', options, ['size', 'dimension', 'classes', 'start', 'random']);
    const { size = 65_536, dimension = 128, classes, start = 'random', random } = options;
    checkQueueOptions('LabelledQueue', { size, dimension, classes });
    checkChoice('LabelledQueue', 'options.start', start, ['random', 'empty']);
    this.classes = classes;
    this.#mayHaveEmpty = start === 'empty';
    this.keys = new ModuleBuffer(
      start === 'empty' ? tf.zeros([size, dimension]) : unitVectors(size, dimension, random),
      'same',
    );
    const labels = Int32Array.from({ length: size }, () => (start === 'empty' ? -1 : random.integer(classes)));
    this.labels = new ModuleBuffer(tf.tensor1d(labels, 'int32'), 'same');
    this.pointer = new ModuleBuffer(tf.tensor1d([0], 'int32'), 'same');
  }

  /** Keys and labels, as the losses expect them. */
  get contents(): LabelledKeys {
    return {
      keys: this.keys.variable as tf.Tensor as tf.Tensor2D,
      labels: this.labels.variable as tf.Tensor as tf.Tensor1D,
      classes: this.classes,
      mayHaveEmpty: this.#mayHaveEmpty,
    };
  }

  /**
   * Writes keys over the oldest ones. After the last slot it continues at the first. If B > K, the last K keys stay.
   *
   * @param keys [B, D]
   * @param labels [B] class indices
   * @throws ShapeError; DataError for a label outside the classes, and for keys that are not finite, because they would
   *   make the loss of every image NaN until they are overwritten
   */
  enqueue(keys: tf.Tensor2D, labels: tf.Tensor1D): void {
    const [K, D] = this.keys.shape;
    const { B } = checkShapes('LabelledQueue.enqueue', { keys: [keys, `B ${D}`], labels: [labels, 'B'] });
    checkEnqueued('LabelledQueue.enqueue', keys, labels, this.classes);
    if (B === 0) return;
    tf.tidy(() => {
      const kept = Math.min(B, K);
      const slots = around(tf.add(this.pointer.variable, tf.range(0, kept, 1, 'int32')), K);
      const write = (buffer: ModuleBuffer, rows: tf.Tensor): void => {
        const last = tf.slice(rows, [B - kept], [kept]);
        buffer.variable.assign(tf.tensorScatterUpdate(buffer.variable, tf.expandDims(slots, 1), last));
      };
      write(this.keys, keys);
      write(this.labels, tf.cast(labels, 'int32'));
      this.pointer.variable.assign(around(tf.add(this.pointer.variable, tf.scalar(kept, 'int32')), K));
    });
  }
}

/** Slots 0 … 2K − 1, wrapped to the ring's slots 0 … K − 1. */
function around(slots: tf.Tensor, size: number): tf.Tensor {
  const ring = tf.scalar(size, 'int32');
  return tf.where(tf.greaterEqual(slots, ring), tf.sub(slots, ring), slots);
}

/** Random unit vectors [K, D], uniform over all directions. */
export function unitVectors(count: number, dimension: number, random: RandomStream): tf.Tensor2D {
  const values = Float32Array.from({ length: count * dimension }, () => random.normal());
  return tf.tidy(() => {
    const vectors = tf.tensor2d(values, [count, dimension]);
    return tf.div(vectors, tf.norm(vectors, 2, 1, true));
  });
}

export function checkEnqueued(where: string, keys: tf.Tensor2D, labels: tf.Tensor1D, classes: number): void {
  checkFiniteTensor(where, 'keys', keys);
  checkWholeTensor(where, 'labels', labels, 0, classes - 1);
}

/** Checks the options of a queue. @param least smallest allowed size */
export function checkQueueOptions(
  where: string,
  { size, dimension, classes }: Required<Pick<LabelledQueueOptions, 'size' | 'dimension' | 'classes'>>,
  least: number = 1,
): void {
  checkCount(where, 'options.classes', classes);
  checkCount(where, 'options.dimension', dimension);
  checkCount(where, 'options.size', size, { min: least });
}
