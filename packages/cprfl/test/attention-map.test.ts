import { attentionMaps } from '@ltml/cprfl';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { randomTensor, smallConfig, smallHead } from './support.ts';

it('gives each class a map whose sum is what attends to the image', () => {
  const head = smallHead(smallConfig());
  const { attention } = head.forward(randomTensor([2, 2, 3, 5], 1));
  const maps = attentionMaps(attention, { height: 2, width: 3 });
  expect(maps.shape).toEqual([2, 4, 2, 3]);
  const values = attention.arraySync();
  const expected = values.flatMap((heads) =>
    heads[0].map(
      (_, c) => heads.reduce((sum, of) => sum + of[c].slice(0, 6).reduce((a, b) => a + b, 0), 0) / heads.length,
    ),
  );
  expectClose(tf.sum(maps, [2, 3]).dataSync(), expected);
  const before = tf.memory().numTensors;
  attentionMaps(attention, { height: 2, width: 3 }).dispose();
  expect(tf.memory().numTensors).toBe(before);
  head.dispose();
});

it('refuses a map of another size', () => {
  const attention = tf.ones<tf.Rank.R4>([1, 2, 3, 9]);
  expect(() => attentionMaps(attention, { height: 2, width: 2 })).toThrow(
    /H · W \+ C\] = \[1, h, 3, 7\], got \[1, 2, 3, 9\]/,
  );
});
