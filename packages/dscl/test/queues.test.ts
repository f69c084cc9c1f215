import { BalancedQueue, LabelledQueue } from '@ltml/dscl';
import { exportState, importState, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectNoLeak, integers } from './support.ts';

/** Keys [B, 2] whose numbers tell them apart. */
const numbered = (numbers: readonly number[]): tf.Tensor2D =>
  tf.tensor2d(
    numbers.map((n) => [n, -n]),
    [numbers.length, 2],
  );
const firsts = (queue: { keys: { variable: tf.Tensor } }): number[] =>
  (queue.keys.variable.arraySync() as number[][]).map(([first]) => first);

const queueOf = (size: number, start: 'random' | 'empty' = 'empty') =>
  new LabelledQueue({ size, dimension: 2, classes: 3, start, random: new RandomStream(1) });

describe('LabelledQueue', () => {
  it.each([1, 3, 4, 7, 9])('is a ring, whatever the batches of %i', (B) => {
    const queue = queueOf(7);
    const expected = { keys: Array(7).fill(0), labels: Array(7).fill(-1) };
    let pointer = 0;
    for (let step = 0, next = 1; step < 6; step++) {
      const numbers = Array.from({ length: B }, () => next++);
      queue.enqueue(numbered(numbers), integers(numbers.map((n) => n % 3)));
      // More keys than slots: the last ones are kept, in the places after the pointer.
      for (const n of numbers.slice(-7)) {
        expected.keys[pointer] = n;
        expected.labels[pointer] = n % 3;
        pointer = (pointer + 1) % 7;
      }
      expect(firsts(queue)).toEqual(expected.keys);
      expect(Array.from(queue.labels.variable.dataSync())).toEqual(expected.labels);
      expect(Array.from(queue.pointer.variable.dataSync())).toEqual([pointer]);
    }
    queue.dispose();
  });

  it('starts with unit vectors of random classes', () => {
    const queue = queueOf(500, 'random');
    const lengths = tf.norm(queue.keys.variable, 2, 1).dataSync();
    expectClose(lengths, new Float32Array(500).fill(1), { relative: 1e-5 });
    const counts = [0, 1, 2].map(
      (c) => Array.from(queue.labels.variable.dataSync()).filter((label) => label === c).length,
    );
    for (const count of counts) expect(Math.abs(count - 500 / 3)).toBeLessThan(5 * Math.sqrt(500 * (1 / 3) * (2 / 3)));
    queue.dispose();
  });

  it('goes on from its state, bit for bit', async () => {
    const queue = queueOf(5, 'random');
    queue.enqueue(numbered([1, 2, 3]), integers([0, 1, 2]));
    const copy = queueOf(5);
    importState(copy, await exportState(queue));
    for (const each of [queue, copy]) each.enqueue(numbered([4, 5, 6]), integers([2, 2, 2]));
    expect(await exportState(copy)).toEqual(await exportState(queue));
    queue.dispose();
    copy.dispose();
  });

  it('leaves no tensor behind, and refuses other keys', () => {
    const queue = queueOf(5);
    expectNoLeak(() => queue.enqueue(numbered([1, 2, 3]), integers([0, 1, 2])));
    queue.enqueue(tf.zeros([0, 2]), integers([]));
    expect(() => queue.enqueue(tf.zeros([2, 3]), integers([0, 1]))).toThrow(
      /keys should be \[B, 2\] = .*, got \[2, 3\]/,
    );
    expect(() => queueOf(0)).toThrow(/size should be a whole number ≥ 1, got 0/);
    queue.dispose();
  });
});

describe('BalancedQueue', () => {
  it('keeps a ring for each class, written in order', () => {
    const queue = new BalancedQueue({ size: 7, dimension: 2, classes: 3, random: new RandomStream(1) });
    // Two slots a class; the seventh would belong to none.
    const expected: number[][] = [0, 1, 2].map((c) => firsts(queue).slice(2 * c, 2 * c + 2));
    const pointers = [0, 0, 0];
    const batches = [[0, 0, 1], [2, 0, 2, 2, 2, 0], [1, 1, 1, 1, 1], [0]];
    let next = 1;
    for (const labels of batches) {
      const numbers = labels.map(() => next++);
      queue.enqueue(numbered(numbers), integers(labels));
      for (const [i, c] of labels.entries()) {
        expected[c][pointers[c]] = numbers[i];
        pointers[c] = (pointers[c] + 1) % 2;
      }
      expect(firsts(queue)).toEqual(expected.flat());
      expect(Array.from(queue.pointers.variable.dataSync())).toEqual(pointers);
    }
    expect(Array.from(queue.contents.labels.dataSync())).toEqual([0, 0, 1, 1, 2, 2]);
    expectNoLeak(() => queue.enqueue(numbered([1, 2, 3]), integers([0, 1, 2])));
    queue.dispose();
  });
});
