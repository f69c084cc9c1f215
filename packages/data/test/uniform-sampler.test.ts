import { OptionError, RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { SequentialSampler } from '../src/sequential-sampler.ts';
import { UniformSampler } from '../src/uniform-sampler.ts';

const sorted = (order: Int32Array) => Array.from(order).sort((a, b) => a - b);

test('gives every image once, in another order each epoch', () => {
  const sampler = new UniformSampler({ length: 20, random: new RandomStream(1) });
  const first = sampler.nextEpoch();
  const second = sampler.nextEpoch();
  expect(sorted(first)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(sorted(second)).toEqual(sorted(first));
  expect(second).not.toEqual(first);
});

test('a state brings back the epoch it was saved before', () => {
  const sampler = new UniformSampler({ length: 9, random: new RandomStream(1) });
  sampler.nextEpoch();
  const state = JSON.parse(JSON.stringify(sampler.exportState()));
  const expected = sampler.nextEpoch();
  const other = new UniformSampler({ length: 9, random: new RandomStream(2) });
  other.importState(state);
  expect(other.nextEpoch()).toEqual(expected);
});

test('batches of one orientation, filled up with images of their own group', () => {
  // Wide: 1 2 5 and, square with an odd index, 3. Tall: 0 6 7 and, square with an even index, 4 8.
  const aspects = [0.5, 2, 1.5, 1, 1, 3, 0.7, 0.9, 1];
  const wide = new Set([1, 2, 3, 5]);
  const sampler = new UniformSampler({
    length: 9,
    random: new RandomStream(3),
    groupByAspect: { aspects, batchSize: 3 },
  });
  expect(sampler.epochLength).toBe(12);
  for (let epoch = 0; epoch < 5; epoch++) {
    const order = Array.from(sampler.nextEpoch());
    expect(new Set(order).size).toBe(9);
    for (let start = 0; start < 12; start += 3) {
      expect(new Set(order.slice(start, start + 3).map((image) => wide.has(image))).size).toBe(1);
    }
  }
});

test('a group smaller than a batch makes the parity of the index decide', () => {
  const aspects = [2, 2, 2, 2, 2, 0.5];
  const sampler = new UniformSampler({
    length: 6,
    random: new RandomStream(3),
    groupByAspect: { aspects, batchSize: 3 },
  });
  const order = Array.from(sampler.nextEpoch());
  expect([order.slice(0, 3), order.slice(3)].map((batch) => new Set(batch.map((i) => i % 2)).size)).toEqual([1, 1]);
});

test('refuses aspects of another number of images', () => {
  const groupByAspect = { aspects: [1, 2], batchSize: 1 };
  expect(() => new UniformSampler({ length: 3, random: new RandomStream(1), groupByAspect })).toThrow(OptionError);
});

test('the sequential sampler counts up', () => {
  expect(Array.from(new SequentialSampler(3).nextEpoch())).toEqual([0, 1, 2]);
});
