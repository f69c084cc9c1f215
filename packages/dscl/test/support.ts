import type { LabelledKeys } from '@ltml/dscl';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { ContrastCase, Matrix, Vector } from './oracle.ts';

/** `rows` directions, rounded to float32 so that doubles and tensors start alike. */
export function directions(rows: number, dimension: number, random: RandomStream): Matrix {
  return Array.from({ length: rows }, () => {
    const vector = Array.from({ length: dimension }, () => random.normal());
    const length = Math.hypot(...vector);
    return vector.map((value) => Math.fround(value / length));
  });
}

export interface CaseSizes {
  readonly B?: number;
  readonly K?: number;
  readonly D?: number;
  readonly classes?: number;
  /** Share of the slots of the queue that are empty. */
  readonly empty?: number;
}

/** A batch and a queue from a seed. The first anchor has a class that nobody else has. */
export function drawCase(seed: number, sizes: CaseSizes = {}): ContrastCase & { readonly classes: number } {
  const { B = 5, K = 23, D = 6, classes = 4, empty = 0 } = sizes;
  const random = new RandomStream(seed);
  return {
    classes: classes + 1,
    anchors: directions(B, D, random),
    ownKeys: directions(B, D, random),
    labels: Array.from({ length: B }, (_, i) => (i === 0 ? classes : random.integer(classes))),
    keys: directions(K, D, random),
    keyLabels: Array.from({ length: K }, () => (random.uniform() < empty ? -1 : random.integer(classes))),
  };
}

export const matrix = (rows: Matrix): tf.Tensor2D => tf.tensor2d(rows as number[][], [rows.length, rows[0].length]);
export const integers = (values: Vector): tf.Tensor1D => tf.tensor1d([...values], 'int32');

/** The tensors of a case. */
export function tensorsOf(case_: ContrastCase & { readonly classes: number }): {
  readonly anchors: tf.Tensor2D;
  readonly ownKeys: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
  readonly queue: LabelledKeys;
} {
  return {
    anchors: matrix(case_.anchors),
    ownKeys: matrix(case_.ownKeys),
    labels: integers(case_.labels),
    queue: {
      keys: matrix(case_.keys),
      labels: integers(case_.keyLabels),
      classes: case_.classes,
      mayHaveEmpty: case_.keyLabels.includes(-1),
    },
  };
}

/** Asserts that something leaves as many tensors as it found. */
export function expectNoLeak(run: () => void): void {
  const before = tf.memory().numTensors;
  const buffers = tf.engine().backend.numDataIds();
  tf.tidy(() => void run());
  expect(tf.memory().numTensors).toBe(before);
  expect(tf.engine().backend.numDataIds()).toBe(buffers);
}
