import { expectClose } from '@ltml/tensor/testing';
import { expect, it } from 'vitest';
import { gcnAdjacency } from '../src/index.ts';

// Class 0 in 4 images, class 1 in 2, both in 1; class 2 nowhere.
const statistics = {
  trainCount: 5,
  classCounts: [4, 2, 0],
  cooccurrence: [
    [4, 1, 0],
    [1, 2, 0],
    [0, 0, 0],
  ],
};

it('joins a class to those that come with it often enough, and to itself', () => {
  // P(1|0) = ¼ is no edge, P(0|1) = ½ is: the only one of column 0.
  const { adjacency, normalized } = gcnAdjacency(statistics, { threshold: 0.4 });
  expectClose(adjacency.flat(), [1, 0, 0, 0.25, 1, 0, 0, 0, 1], { absolute: 1e-6 });
  expectClose(normalized[0], [1, 0.25 / Math.sqrt(1.25), 0], { absolute: 1e-6 });
  expectClose(normalized[1], [0, 1 / 1.25, 0], { absolute: 1e-6 });
});

it('refuses unknown options and thresholds outside [0, 1]', () => {
  expect(() => gcnAdjacency(statistics, { threshold: 2 })).toThrow(/in \[0, 1\]/);
  expect(() => gcnAdjacency(statistics, { t: 0.4 } as object)).toThrow(/threshold, neighbourWeight/);
});
