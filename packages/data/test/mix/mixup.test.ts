import { OptionError, RandomStream } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import { mixLabels } from '../../src/mix/mix-labels.ts';
import { mixup } from '../../src/mix/mixup.ts';
import { symmetricBeta } from '../../src/mix/symmetric-beta.ts';
import { plainImages, streamOf } from './images.ts';

const batch = plainImages({ rows: 8, height: 3, share: 0.7 });

describe('mixup', () => {
  it('makes λ·x + (1 − λ)·x′, of images and of labels', () => {
    const { values, labels, known } = mixup({ alpha: 1 })(batch, streamOf);
    const size = 3 * 5 * 3;
    const pairs = Array.from({ length: 8 }, (_, row) => {
      const random = streamOf(row);
      random.uniform();
      const partner = random.integer(8);
      return { partner, share: partner === row ? 1 : symmetricBeta(1, random) };
    });
    for (const [row, { partner, share }] of pairs.entries()) {
      const level = Math.fround(share * row + (1 - share) * partner);
      expect(new Set(values.subarray(row * size, (row + 1) * size))).toEqual(new Set([level]));
    }
    expect({ labels, known }).toEqual(mixLabels(batch, pairs));
    expect(pairs.some(({ partner }, row) => partner !== row)).toBe(true);
  });

  it('gives an image the same whatever stands around it, but for its partner', () => {
    const alone = mixup()({ ...batch, rows: 1 }, streamOf);
    expect(alone.values.slice(0, 45)).toEqual(batch.values.slice(0, 45));
    expect(alone.known.slice(0, 4)).toEqual(batch.known.slice(0, 4));
  });

  it('leaves the batch as it was, and images out by its probability', () => {
    const before = batch.values.slice();
    const { values, labels, known } = mixup({ probability: 0 })(batch, streamOf);
    expect(batch.values).toEqual(before);
    expect({ values, labels, known }).toEqual({ values: before, labels: batch.labels, known: batch.known });
  });

  it('of no images makes none', () => {
    const none = { ...batch, rows: 0, values: new Float32Array(0), labels: new Float32Array(0) };
    expect(mixup()(none, streamOf).values).toHaveLength(0);
  });

  it.each([{ alpha: 0 }, { alpha: Number.NaN }, { alpha: -1 }, { probability: 1.5 }, { lambda: 1 }])(
    'refuses %j',
    (options) => {
      expect(() => mixup(options as never)).toThrow(expect.toSatisfy(OptionError.is));
    },
  );
});

describe('symmetricBeta', () => {
  it.each([0.01, 0.2, 1, 4])('has the mean and the variance of Beta(%d, %d)', (alpha) => {
    const random = new RandomStream(2);
    const draws = Array.from({ length: 20_000 }, () => symmetricBeta(alpha, random));
    expect(draws.every((share) => share >= 0 && share <= 1)).toBe(true);
    const mean = draws.reduce((sum, share) => sum + share, 0) / draws.length;
    const variance = draws.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0.5, 1.7);
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
  });

  it('is uniform for 1', () => {
    const random = new RandomStream(2);
    const draws = Array.from({ length: 20_000 }, () => symmetricBeta(1, random));
    for (const below of [0.1, 0.25, 0.75]) {
      expect(draws.filter((share) => share < below).length / draws.length).toBeCloseTo(below, 1.7);
    }
  });
});
