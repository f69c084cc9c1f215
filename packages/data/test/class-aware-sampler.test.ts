import { DataError, OptionError, RandomStream } from '@ltml/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClassAwareSampler, type ShuffleSource } from '../src/class-aware-sampler.ts';

const inOrder: ShuffleSource = { shuffle: () => {}, integer: () => 0, state: null };
const lists = [
  [0, 1, 2, 3],
  [1, 4],
];

test('visits classes in turn, three images at once, and cycles run on across epochs', () => {
  const sampler = new ClassAwareSampler({ indexByClass: lists, random: inOrder, reduce: 1 });
  expect(sampler.epochLength).toBe(8);
  // Class 0 gives 0 1 2; class 1 has two images and gives 1 4 1; class 0 goes on with 3 0, and its third draw is cut.
  expect(Array.from(sampler.nextEpoch())).toEqual([0, 1, 2, 1, 4, 1, 3, 0]);
  // A new epoch starts with a new visit: class 1 goes on with 4, class 0 after the cut image.
  expect(Array.from(sampler.nextEpoch())).toEqual([4, 1, 4, 2, 3, 0, 1, 4]);
});

test('epochLength says how many indices an epoch has', () => {
  const sampler = new ClassAwareSampler({ indexByClass: lists, random: inOrder, epochLength: 5 });
  expect(sampler.epochLength).toBe(5);
  expect(Array.from(sampler.nextEpoch())).toEqual([0, 1, 2, 1, 4]);
  expect(() => new ClassAwareSampler({ indexByClass: lists, random: inOrder, epochLength: 0 })).toThrow(OptionError);
});

test('one draw a visit is textbook class-aware sampling', () => {
  const sampler = new ClassAwareSampler({ indexByClass: lists, random: inOrder, numSamplesPerClass: 1, reduce: 2 });
  expect(Array.from(sampler.nextEpoch())).toEqual([0, 1, 1, 4]);
});

test('shuffles a cycle only when it is needed: classes first, then the images of the first class', () => {
  const shuffled: number[][] = [];
  const reversing: ShuffleSource = {
    ...inOrder,
    shuffle: (items) => {
      shuffled.push(Array.from(items));
      items.reverse();
    },
  };
  const sampler = new ClassAwareSampler({ indexByClass: lists, random: reversing, reduce: 2 });
  expect(Array.from(sampler.nextEpoch())).toEqual([4, 1, 1, 3]);
  // The third image of the pair comes from its reversed reversal.
  expect(shuffled).toEqual([
    [0, 1],
    [1, 4],
    [4, 1],
    [0, 1, 2, 3],
  ]);
});

test('every class and every image of it comes equally often over whole cycles', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      (seed, sizes) => {
        let image = 0;
        const disjoint = sizes.map((size) => Array.from({ length: size }, () => image++));
        // 12 is a multiple of every size, so 12 rounds over the classes are whole cycles of every class.
        const reduce = (Math.max(...sizes) * sizes.length) / (12 * sizes.length);
        const sampler = new ClassAwareSampler({
          indexByClass: disjoint,
          random: new RandomStream(seed),
          numSamplesPerClass: 1,
          reduce,
        });
        const counts = new Array(image).fill(0);
        for (const index of sampler.nextEpoch()) counts[index]++;
        expect(counts).toEqual(disjoint.flatMap((list) => list.map(() => 12 / list.length)));
      },
    ),
  );
});

test('independent draws reach every image with probability Σ 1/(C·n) over its classes', () => {
  const draws = 40_000;
  const sampler = new ClassAwareSampler({
    indexByClass: lists,
    random: new RandomStream(1),
    numSamplesPerClass: 1,
    reduce: 8 / draws,
    iid: true,
  });
  const counts = new Array(5).fill(0);
  for (const index of sampler.nextEpoch()) counts[index]++;
  for (const [image, probability] of [1 / 8, 1 / 8 + 1 / 4, 1 / 8, 1 / 8, 1 / 4].entries()) {
    const deviation = Math.sqrt(draws * probability * (1 - probability));
    expect(Math.abs(counts[image] - draws * probability)).toBeLessThan(5 * deviation);
  }
});

test('a state brings back the epoch it was saved before', () => {
  for (const iid of [false, true]) {
    const make = (seed: number) => new ClassAwareSampler({ indexByClass: lists, random: new RandomStream(seed), iid });
    const first = make(1);
    first.nextEpoch();
    const state = JSON.parse(JSON.stringify(first.exportState()));
    const expected = [first.nextEpoch(), first.nextEpoch()];
    const second = make(2);
    second.importState(state);
    expect([second.nextEpoch(), second.nextEpoch()]).toEqual(expected);
  }
});

test('leaves a class without images out', () => {
  const withEmpty = new ClassAwareSampler({ indexByClass: [[0, 1], [], [2]], random: inOrder, reduce: 1 });
  expect(withEmpty.epochLength).toBe(4);
  expect(Array.from(withEmpty.nextEpoch())).toEqual([0, 1, 0, 2]);
});

test('refuses no images, bad options and a state of other data', () => {
  const make = (options: object) => () => new ClassAwareSampler({ indexByClass: lists, random: inOrder, ...options });
  expect(make({ indexByClass: [[], []] })).toThrow(DataError);
  expect(make({ numSamplesPerClass: 0 })).toThrow(OptionError);
  expect(make({ reduce: 0 })).toThrow(OptionError);
  expect(make({ samples: 3 })).toThrow(/unknown option "samples"/);
  const other = make({ indexByClass: [[0], [1]] })().exportState();
  expect(() => make({})().importState(other)).toThrow(/cycle of 4 images/);
  expect(() => make({ indexByClass: [[0]] })().importState(other)).toThrow(/of 1 classes, got 2/);
  // The right lengths are not enough: other images, or a place beyond the end, would be drawn in silence.
  const { random, cycles } = make({})().exportState() as { random: unknown; cycles: Record<string, unknown>[] };
  for (const change of [
    { next: 99 },
    { next: -1 },
    { next: 0.5 },
    { next: 'x' },
    { order: 5 },
    { order: [9, 9, 9, 9] },
  ]) {
    const altered = cycles.map((cycle, i) => (i === 1 ? { ...cycle, ...change } : cycle));
    expect(() => make({})().importState({ random, cycles: altered })).toThrow(/a cycle of 4 images and a place in it/);
  }
});
