import { DataError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { pairedBootstrap } from '../src/compare/paired-bootstrap.ts';
import { pairedPermutationTest } from '../src/compare/paired-permutation.ts';
import type { Scores } from '../src/core/scores.ts';
import { selectScores } from '../src/core/select-scores.ts';
import { averagePrecision, interpolated, meanAveragePrecision } from '../src/ranking/average-precision.ts';
import { randomScores } from './oracle.ts';

/** The targets of `scores`, with scores that hide them in noise: the smaller the noise, the better. */
function noisy(scores: Scores, noise: number, seed: number): Scores {
  const random = new RandomStream(seed);
  return { ...scores, scores: Float32Array.from(scores.present, (label) => label + random.uniform(-noise, noise)) };
}

const targets = randomScores(new RandomStream(4), 120, 4, false);
const [poor, good] = [noisy(targets, 4, 5), noisy(targets, 1, 6)];
const mean = (scores: Scores, classes?: number[]): number =>
  meanAveragePrecision(averagePrecision(scores, { emptyClasses: 'skip' }), classes);

test('the difference is that of the two mAP, in total and in groups, under any rule', () => {
  const groups = { total: [0, 1, 2, 3], tail: [2] };
  const expected = [mean(good) - mean(poor), mean(good, [2]) - mean(poor, [2])];
  const random = new RandomStream(1);
  const bootstrap = pairedBootstrap(poor, good, { groups, resamples: 2, random });
  expectClose([bootstrap.total.difference, bootstrap.tail.difference], expected, { relative: 1e-12 });
  const permutation = pairedPermutationTest(poor, good, { groups, permutations: 2, random });
  expectClose([permutation.total.difference, permutation.tail.difference], expected, { relative: 1e-12 });
  const envelope = (scores: Scores) => meanAveragePrecision(averagePrecision(scores, { rule: interpolated }));
  const underEnvelope = pairedBootstrap(poor, good, { rule: interpolated, resamples: 1, random });
  expectClose([underEnvelope.total.difference], [envelope(good) - envelope(poor)], { relative: 1e-12 });
});

test('a resample is the metric of the drawn images themselves, ties or not', () => {
  const rounded = (scores: Scores): Scores => ({ ...scores, scores: scores.scores.map(Math.round) });
  for (const [first, second] of [
    [poor, good],
    [rounded(poor), rounded(good)],
  ]) {
    // With one resample both ends of the interval are its difference.
    const { total } = pairedBootstrap(first, second, { resamples: 1, random: new RandomStream(9) });
    const random = new RandomStream(9);
    const images = Int32Array.from({ length: 120 }, () => random.integer(120));
    const expected = mean(selectScores(second, images)) - mean(selectScores(first, images));
    expectClose([total.low, total.high], [expected, expected], { relative: 1e-12 });
  }
});

test('the interval holds the difference, is wider with more confidence, and repeats with its seed', () => {
  const run = (confidence: number) =>
    pairedBootstrap(poor, good, { resamples: 300, confidence, random: new RandomStream(3) }).total;
  const [narrow, wide] = [run(0.5), run(0.99)];
  expect(wide.low < narrow.low && narrow.low < narrow.difference).toBe(true);
  expect(narrow.difference < narrow.high && narrow.high < wide.high).toBe(true);
  expect(run(0.5)).toEqual(narrow);
});

test('a set against itself differs by nothing, for certain', () => {
  const options = { random: new RandomStream(1) };
  expect(pairedBootstrap(good, good, { ...options, resamples: 20 }).total).toEqual({ difference: 0, low: 0, high: 0 });
  expect(pairedPermutationTest(good, good, { ...options, permutations: 20 }).total).toEqual({
    difference: 0,
    pValue: 1,
  });
});

test('swapping every image is the same difference the other way', () => {
  const swapped: RandomStream = new RandomStream(0);
  swapped.bits = () => 0xffffffff;
  const { total } = pairedPermutationTest(poor, good, { permutations: 3, random: swapped });
  // Exactly as far from 0 as what was observed, so each permutation counts.
  expect(total.pValue).toBe(1);
});

test('a large difference is significant; noise alone is, as often as it should be', () => {
  expect(pairedPermutationTest(poor, good, { permutations: 199, random: new RandomStream(2) }).total.pValue).toBe(
    1 / 200,
  );
  const small = randomScores(new RandomStream(11), 40, 2);
  const pValues = Array.from({ length: 100 }, (_, seed) => {
    const pair = [noisy(small, 2, 1000 + seed), noisy(small, 2, 2000 + seed)] as const;
    return pairedPermutationTest(...pair, { permutations: 99, random: new RandomStream(seed) }).total.pValue;
  });
  // Uniform under the hypothesis: 20 of 100 expected, with a standard deviation of 4.
  const below = pValues.filter((value) => value <= 0.2).length;
  expect(below).toBeGreaterThanOrEqual(4);
  expect(below).toBeLessThanOrEqual(36);
});

test('the scale of a set plays no role', () => {
  const scaled = { ...good, scores: good.scores.map((score) => 50 * score - 300) };
  const run = (second: Scores) =>
    pairedPermutationTest(poor, second, { permutations: 50, random: new RandomStream(5) });
  expect(run(scaled)).toEqual(run(good));
});

test('a class without positives is left out', () => {
  const present = targets.present.map((label, at) => (at % 4 === 1 ? 0 : label));
  const [a, b] = [
    { ...poor, present },
    { ...good, present },
  ];
  const options = { groups: { all: [0, 1], without: [0], empty: [1] }, random: new RandomStream(1) };
  const intervals = pairedBootstrap(a, b, { ...options, resamples: 5 });
  expect(intervals.all.difference).toBe(intervals.without.difference);
  expect(intervals.empty.low).toBeNaN();
  expect(pairedPermutationTest(a, b, { ...options, permutations: 5 }).empty.difference).toBeNaN();
});

test('tells how far it is', () => {
  const calls: number[][] = [];
  const onProgress = (done: number, total: number) => calls.push([done, total]);
  pairedBootstrap(poor, good, { resamples: 2, random: new RandomStream(1), onProgress });
  pairedPermutationTest(poor, good, { permutations: 1, random: new RandomStream(1), onProgress });
  expect(calls).toEqual([
    [1, 2],
    [2, 2],
    [1, 1],
  ]);
});

test('refuses other images, other targets and a bad confidence', () => {
  const random = new RandomStream(1);
  expect(() => pairedBootstrap(poor, selectScores(good, [0, 1]), { random })).toThrow(ShapeError);
  const at = (good.known as Uint8Array).indexOf(1);
  const other = { ...good, present: good.present.with(at, 1 - good.present[at]) };
  expect(() => pairedPermutationTest(poor, other, { random })).toThrow(DataError);
  expect(() => pairedBootstrap(poor, good, { random, confidence: 95 })).toThrow(OptionError);
});
