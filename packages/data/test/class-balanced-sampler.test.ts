import { DataError, RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { ClassBalancedSampler } from '../src/class-balanced-sampler.ts';

const lists = [[0, 1, 2, 3, 4, 5], [], [6], [7, 8]];

test('draws an image with probability 1/(C·n) of its class, within 5 standard deviations', () => {
  const draws = 30_000;
  const sampler = new ClassBalancedSampler({ indexByClass: lists, random: new RandomStream(4), epochLength: draws });
  const counts = new Array(9).fill(0);
  for (const index of sampler.nextEpoch()) counts[index]++;
  for (const list of lists) {
    for (const image of list) {
      const probability = 1 / (3 * list.length);
      const deviation = Math.sqrt(draws * probability * (1 - probability));
      expect(Math.abs(counts[image] - draws * probability)).toBeLessThan(5 * deviation);
    }
  }
});

test('an epoch has as many draws as there are images', () => {
  const random = new RandomStream(1);
  expect(new ClassBalancedSampler({ indexByClass: lists, random }).nextEpoch()).toHaveLength(9);
  expect(new ClassBalancedSampler({ indexByClass: [[0, 1], [1]], random }).epochLength).toBe(2);
});

test('a state brings back the epoch it was saved before', () => {
  const sampler = new ClassBalancedSampler({ indexByClass: lists, random: new RandomStream(5) });
  const state = JSON.parse(JSON.stringify(sampler.exportState()));
  const expected = sampler.nextEpoch();
  sampler.importState(state);
  expect(sampler.nextEpoch()).toEqual(expected);
});

test('refuses a set without images', () => {
  expect(() => new ClassBalancedSampler({ indexByClass: [[]], random: new RandomStream(1) })).toThrow(DataError);
});
