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

export interface LabelledQueueOptions {
  /** K, default 65,536 (released code). */
  readonly size?: number;
  /** D, default 128. */
  readonly dimension?: number;
  /** C */
  readonly classes: number;
  /**
   * What it holds before it is filled: `random` unit vectors with random classes (released code, default), or nothing:
   * `empty` slots are no candidates (our addition).
   */
  readonly start?: 'random' | 'empty';
  readonly random: RandomStream;
}

/**
 * The keys of past images with their classes, a ring that overwrites the oldest.
 *
 * State: `keys` [K, D], `labels` [K] int32 (−1: empty), `pointer` [1] int32, the slot that is written next.
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

  /** What the losses take. */
  get contents(): LabelledKeys {
    return {
      keys: this.keys.variable as tf.Tensor as tf.Tensor2D,
      labels: this.labels.variable as tf.Tensor as tf.Tensor1D,
      classes: this.classes,
      mayHaveEmpty: this.#mayHaveEmpty,
    };
  }

  /**
   * Writes keys over the oldest ones, around the end if need be. Of more than K keys the last K are kept.
   *
   * @param keys [B, D]
   * @param labels [B] classes
   * @throws ShapeError; DataError on a label that is no class, and on keys that are not finite, which would spoil the loss
   *   of every image until they are overwritten
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

/** Slots from 0 to 2K − 1 as slots of the ring. */
function around(slots: tf.Tensor, size: number): tf.Tensor {
  const ring = tf.scalar(size, 'int32');
  return tf.where(tf.greaterEqual(slots, ring), tf.sub(slots, ring), slots);
}

/** [K, D] directions drawn uniformly. */
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

/** @param least size */
export function checkQueueOptions(
  where: string,
  { size, dimension, classes }: Required<Pick<LabelledQueueOptions, 'size' | 'dimension' | 'classes'>>,
  least: number = 1,
): void {
  checkCount(where, 'options.classes', classes);
  checkCount(where, 'options.dimension', dimension);
  checkCount(where, 'options.size', size, { min: least });
}
