import { contrastiveViews, itemStreams, type Pictures } from '@ltml/data';
import { unpackViews } from '@ltml/dscl';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const layout = { viewSize: 6, patchSize: 4, patches: 3 };
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
  it('are taken apart as @ltml/data lays them out', async () => {
    const source = contrastiveViews(images, { ...layout, statistics, queryColours: [], keyColours: [] });
    const batch = await source.read([0, 1], itemStreams(new RandomStreams(1), 0));
    const { query, key, patches, boxes } = unpackViews(tf.tensor2d(batch, [2, source.shape[0]]), layout);
    expect([query.shape, key.shape, boxes.shape]).toEqual([
      [2, 6, 6, 3],
      [2, 6, 6, 3],
      [2, 3, 4],
    ]);
    for (const view of [query, key, ...patches]) {
      const [, side] = view.shape;
      const expected = [0, 1].map((i) =>
        Array.from({ length: side * side * 3 }, (_, at) => 40 * i + 10 * (at % 3) + 5),
      );
      const rounded = Array.from(view.dataSync(), (value) => Math.round(value * 1000) / 1000);
      expect(rounded).toEqual(expected.flat());
    }
    expect(patches.map(({ shape }) => shape)).toEqual(Array(3).fill([2, 4, 4, 3]));
    for (const [left, top, right, bottom] of (boxes.arraySync() as number[][][]).flat()) {
      expect(left >= 0 && top >= 0 && right <= 6 && bottom <= 6 && left < right && top < bottom).toBe(true);
    }
  });

  it('refuses inputs of another layout', () => {
    expect(() => unpackViews(tf.zeros([2, 7]), layout)).toThrow(/unpackViews: inputs should be \[B, 372\]/);
  });
});
