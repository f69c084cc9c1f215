import { contrastiveViews, itemStreams, type Pictures } from '@ltml/data';
import { checkViews } from '@ltml/dscl';
import { RandomStreams } from '@ltml/tensor';
import type { Views } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const sizes = { viewSize: 6, patchSize: 4, patches: 3 };
const statistics = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const images: Pictures = {
  length: 2,
  key: (index) => `${index}`,
  // Every pixel of an image is of one colour, so that crops are, too.
  read: async (index) => ({
    height: 9,
    width: 8,
    pixels: Uint8Array.from({ length: 9 * 8 * 3 }, (_, at) => 40 * index + 10 * (at % 3) + 5),
  }),
};

describe('views', () => {
  it('are those of @ltml/data', async () => {
    const source = contrastiveViews(images, { ...sizes, statistics, queryColours: [], keyColours: [] });
    const batch = await source.read([0, 1], itemStreams(new RandomStreams(1), 0));
    const tensors = Object.entries(source.shape).map(([name, shape]) => [name, tf.tensor(batch[name], [2, ...shape])]);
    checkViews(Object.fromEntries(tensors) as Views, sizes);
    for (const name of ['query', 'key', 'patches']) {
      const pixels = batch[name].length / 6;
      const expected = [0, 1].flatMap((i) =>
        Array.from({ length: pixels }, () => [0, 1, 2].map((c) => 40 * i + 10 * c + 5)),
      );
      expect(Array.from(batch[name], (value) => Math.round(value * 1000) / 1000)).toEqual(expected.flat());
    }
    const boxes = tf.tensor(batch.boxes, [6, 4]).arraySync() as number[][];
    for (const [left, top, right, bottom] of boxes) {
      expect(left >= 0 && top >= 0 && right <= 6 && bottom <= 6 && left < right && top < bottom).toBe(true);
    }
  });

  it('are refused with other shapes, or with a part missing', () => {
    const view = tf.zeros([2, 6, 6, 3]);
    const boxes = tf.zeros([2, 3, 4]);
    expect(() => checkViews({ query: view, key: tf.zeros([2, 7]) }, sizes)).toThrow(
      /inputs.key should be \[B, 6, 6, 3\]/,
    );
    expect(() => checkViews({ query: view, key: view, boxes }, sizes)).toThrow(
      /inputs.patches should be \[B, 3, 4, 4, 3\]/,
    );
    expect(() => checkViews({ query: view, key: view }, { ...sizes, patches: 0 })).not.toThrow();
  });
});
