import { digitsLtSet, shareOfDataSet, shareOfImages } from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import type { SparseLabels } from '@ltml/tensor/labels';
import { expect, it } from 'vitest';

const { splits, ...digits } = await digitsLtSet();

function countsOf(labels: SparseLabels, images: ArrayLike<number>): number[] {
  const counts = new Array<number>(labels.columns).fill(0);
  for (const image of Array.from(images)) for (const c of labels.row(image).present) counts[c]++;
  return counts;
}

it.each([0.02, 0.3, 1])('takes %f of the images and no less of any class', (share) => {
  const { labels } = splits.train;
  const all = countsOf(
    labels,
    Array.from({ length: labels.rows }, (_, i) => i),
  );
  const images = shareOfImages(labels, share, new RandomStream(1));
  const counts = countsOf(labels, images);
  for (const [c, count] of counts.entries()) {
    expect(count).toBeGreaterThanOrEqual(Math.ceil(share * all[c]));
    expect(count).toBeLessThanOrEqual(all[c]);
  }
  expect(images.length).toBeGreaterThanOrEqual(Math.ceil(share * labels.rows));
  expect(images.length).toBeLessThanOrEqual(Math.min(labels.rows, Math.ceil(share * labels.rows) + labels.columns));
  expect(shareOfImages(labels, share, new RandomStream(1))).toEqual(images);
});

it('takes a share of each split, whose names say so', () => {
  const small = shareOfDataSet({ ...digits, splits }, 0.05, new RandomStream(1)).splits;
  expect(small.train.name).toBe('digits-lt@1/train, share 0.05');
  expect(small.test?.pictures.length).toBe(small.test?.labels.rows);
  expect(small.test?.labels.rows).toBeLessThan(80);
});

it('refuses a share of nothing and more than all', () => {
  for (const share of [0, 1.5, Number.NaN]) {
    expect(() => shareOfImages(splits.train.labels, share, new RandomStream(1))).toThrow(/shareOfImages: share/);
  }
});
