import { labelRetrieval } from '@ltml/mkt';
import { expect, it } from 'vitest';

const embeddings = { shape: [4, 2], data: [1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9] };

it('is the share of the nearest labels that are of the same group', () => {
  expect(labelRetrieval(embeddings, ['A', 'A', 'B', 'B'], { k: 1 })).toBe(1);
  expect(labelRetrieval(embeddings, ['A', 'B', 'A', 'B'], { k: 1 })).toBe(0);
  expect(labelRetrieval(embeddings, ['A', 'A', 'B', 'B'])).toBeCloseTo(1 / 3);
});

it('does not mind how long an embedding is, not even zero', () => {
  const scaled = { shape: [4, 2], data: [100, 0, 0.09, 0.01, 0, 5, 0, 0] };
  expect(labelRetrieval(scaled, ['A', 'A', 'B', 'C'], { k: 1 })).toBeGreaterThanOrEqual(0.5);
});

it('refuses groups that do not fit, and more neighbours than there are', () => {
  expect(() => labelRetrieval(embeddings, ['A'])).toThrow(/groups should be \[C\] = \[4\]/);
  expect(() => labelRetrieval(embeddings, ['A', 'A', 'B', 'B'], { k: 4 })).toThrow(/whole number in \[1, 3\]/);
});
