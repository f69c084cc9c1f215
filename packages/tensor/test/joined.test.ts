import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { mapJoined } from '../src/optim/joined.ts';

test('all vectors go through together and everything else alone, results by row', () => {
  const shapes = [[2, 2], [3], [], [1], [0], [2]];
  let next = 1;
  const rows = shapes.map((shape) => {
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => next++);
    return [
      tf.tensor(values, shape),
      tf.tensor(
        values.map((x) => x / 2),
        shape,
      ),
    ];
  });
  const seen: number[][] = [];
  const results = mapJoined(rows, ([a, b]) => {
    seen.push(a.shape);
    return [tf.add(a, b), tf.sub(a, b)];
  });
  expect(seen.map((shape) => shape.join()).sort()).toEqual(['', '2,2', '6']);
  expect(results.map(([sum]) => sum.shape)).toEqual(shapes);
  expect(results.map(([sum]) => [...sum.dataSync()])).toEqual(rows.map(([a]) => [...a.dataSync()].map((x) => 1.5 * x)));
  expect(results.map(([, difference]) => [...difference.dataSync()])).toEqual(rows.map(([, b]) => [...b.dataSync()]));
});

test('no rows give no results', () => {
  expect(mapJoined([], (row) => row)).toEqual([]);
});

test('of what a computation makes only the results are left', () => {
  const rows = [[tf.ones([2, 2])], [tf.ones([3])], [tf.ones([1])]];
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => {
    const inside = tf.memory().numTensors;
    const results = mapJoined(rows, ([x]) => [tf.add(tf.square(x), 1)]);
    // Three results, and for the two vectors the joined input and result.
    expect(tf.memory().numTensors - inside).toBe(5);
    return [...results].map(([result]) => result);
  });
  expect(tf.memory().numTensors - before).toBe(3);
  tf.dispose([results, rows]);
});
