import { expect, test } from 'vitest';
import { mixLabels } from '../../src/mix/mix-labels.ts';

/** Every pair of present, absent and unknown: row 0 has the labels of the image, row 1 those of the partner. */
const batch = {
  rows: 2,
  columns: 9,
  labels: Float32Array.from([1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]),
  known: Float32Array.from([1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0]),
};

function mixed(share: number, partner = 1): { labels: number[]; known: number[] } {
  const pairs = [
    { partner, share },
    { partner: 1, share: 1 },
  ];
  const { labels, known } = mixLabels(batch, pairs);
  return { labels: [...labels.subarray(0, 9)], known: [...known.subarray(0, 9)] };
}

test('a label of two known ones lies between them; with one of them unknown it is unknown, and 0', () => {
  expect(mixed(0.75)).toEqual({ labels: [1, 0.75, 0, 0.25, 0, 0, 0, 0, 0], known: [1, 1, 0, 1, 1, 0, 0, 0, 0] });
});

test('an unknown label counts for nothing where it has no share', () => {
  expect(mixed(1)).toEqual({ labels: [1, 1, 1, 0, 0, 0, 0, 0, 0], known: [1, 1, 1, 1, 1, 1, 0, 0, 0] });
  expect(mixed(0)).toEqual({ labels: [1, 0, 0, 1, 0, 0, 1, 0, 0], known: [1, 1, 0, 1, 1, 0, 1, 1, 0] });
});

test('an image mixed with itself keeps its labels', () => {
  expect(mixed(1, 0)).toEqual(mixed(1));
});

test('the mixed label is where binary cross-entropy is that of both images in their shares', () => {
  const loss = (p: number, y: number): number => -y * Math.log(p) - (1 - y) * Math.log(1 - p);
  const { labels, known } = mixed(0.75);
  for (let c = 0; c < 9; c++) {
    if (known[c] === 0) continue;
    const shares = 0.75 * loss(0.3, batch.labels[c]) + 0.25 * loss(0.3, batch.labels[9 + c]);
    expect(loss(0.3, labels[c])).toBeCloseTo(shares, 12);
  }
});
