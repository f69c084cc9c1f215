import { DataError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { bootstrapIntervals } from '../src/compare/bootstrap.ts';
import { pairedMeansBootstrap } from '../src/compare/paired-means.ts';

const random = () => new RandomStream(7);
const draw = (images: number, chance: number, seed: number): Uint8Array => {
  const stream = new RandomStream(seed);
  return Uint8Array.from({ length: images }, () => Number(stream.uniform() < chance));
};
const [poor, good] = [draw(200, 0.5, 1), draw(200, 0.7, 2)];
const meanOf = (values: ArrayLike<number>, rows: readonly number[]): number =>
  rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
const all = Array.from({ length: 200 }, (_, i) => i);
const few = all.filter((i) => i % 9 === 0);

test('the difference is that of the means, and a resample is that of the drawn images themselves', () => {
  const options = { groups: { total: all, few }, resamples: 1, random: random() };
  const { total, few: rare } = pairedMeansBootstrap(poor, good, options);
  expectClose(
    [total.difference, rare.difference],
    [meanOf(good, all) - meanOf(poor, all), meanOf(good, few) - meanOf(poor, few)],
    { relative: 1e-12 },
  );
  // With one resample both ends of the interval are its difference.
  const stream = random();
  const drawn = all.map(() => stream.integer(200));
  const drawnFew = drawn.filter((row) => few.includes(row));
  expectClose(
    [total.low, total.high, rare.low],
    [
      meanOf(good, drawn) - meanOf(poor, drawn),
      meanOf(good, drawn) - meanOf(poor, drawn),
      meanOf(good, drawnFew) - meanOf(poor, drawnFew),
    ],
    { relative: 1e-12 },
  );
});

test('the interval has the width of the normal one for a mean', () => {
  const gains = all.map((i) => good[i] - poor[i]);
  const mean = meanOf(gains, all);
  const error = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0)) / 200;
  const { total } = pairedMeansBootstrap(poor, good, { resamples: 4000, random: random() });
  // Ends of 4,000 resamples vary by about 3 % of the width.
  expectClose([total.low, total.high], [mean - 1.96 * error, mean + 1.96 * error], {
    absolute: 0.12 * error,
    relative: 0,
  });
});

test('what is shared by both sets cancels', () => {
  const shifted = Float64Array.from(poor, (value) => value + 0.25);
  const { total } = pairedMeansBootstrap(poor, shifted, { resamples: 50, random: random() });
  expect(total).toEqual({ difference: 0.25, low: 0.25, high: 0.25 });
});

test('resamples without an image of a group are left out, and a group without images has no interval', () => {
  const options = { groups: { one: [3], none: [] }, resamples: 100, random: random() };
  const { one, none } = pairedMeansBootstrap(poor, good, options);
  const gain = good[3] - poor[3];
  expect(one).toEqual({ difference: gain, low: gain, high: gain });
  expect(Object.values(none)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test('any statistic has an interval: the largest value that was drawn', () => {
  const values = [3, 1, 2];
  const largest = (times: Int32Array) => ({ largest: Math.max(...values.filter((_, i) => times[i] > 0)) });
  const { largest: interval } = bootstrapIntervals('largest', 3, largest, { resamples: 500, random: random() });
  // All three draws miss the 3 in 8 of 27 resamples, and find nothing but the 1 in one of 27.
  expect(interval).toEqual({ difference: 3, low: 1, high: 3 });
});

test('refuses sets of other lengths, NaN, rows that are none, and unknown options', () => {
  const options = { random: random() };
  expect(() => pairedMeansBootstrap([1], [1, 0], options)).toThrow(ShapeError);
  expect(() => pairedMeansBootstrap([1, 0], [Number.NaN, 0], options)).toThrow(DataError);
  expect(() => pairedMeansBootstrap([1, 0], [1, 0], { ...options, groups: { few: [2] } })).toThrow(DataError);
  expect(() => pairedMeansBootstrap([1], [1], { ...options, confidence: 1 })).toThrow(OptionError);
  expect(() => pairedMeansBootstrap([1], [1], { ...options, rule: 1 } as typeof options)).toThrow(OptionError);
});
