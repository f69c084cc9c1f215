import { imagenetStatistics } from '@ltml/images';
import { DataError, LtmlError, OptionError, RandomStream, RandomStreams } from '@ltml/tensor';
import type { Labels, SparseLabels } from '@ltml/tensor/labels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arraysOf, badBits } from '../../tensor/test/bad-bits.ts';
import * as data from '../src/index.ts';

const random = () => new RandomStream(0);
const good: Labels = { rows: 3, columns: 2, present: Uint8Array.of(1, 0, 0, 1, 1, 1) };
const lists = [
  [0, 2],
  [1, 2],
];
const read = async (indices: ArrayLike<number>) => new Float32Array(indices.length);
const dataset = (labels: Labels) => ({
  name: 'd',
  classes: ['a', 'b'],
  labels,
  inputs: { length: 3, shape: [1], read },
});
const size = { height: 8, width: 8 };
const images = { length: 1, size, key: String, read: async () => ({ ...size, pixels: new Uint8Array(192) }) };
const statistics = imagenetStatistics;

/** Every function that takes labels. */
const ofLabels: Record<string, (labels: Labels) => unknown> = {
  BatchLoader: (labels) =>
    new data.BatchLoader({ dataset: dataset(labels), sampler: new data.SequentialSampler(3), batchSize: 2 }),
  createLongTailed: (labels) => data.createLongTailed(labels, { reference: [1, 1], random: random() }),
  dropLabels: (labels) => data.dropLabels(labels, 0.5),
  encodeLabels: (labels) => data.encodeLabels(labels, data.unknownIsZero),
  imageProbability: (labels) => data.imageProbability(labels),
  indexByClass: (labels) => data.indexByClass(labels),
  keepSinglePositive: (labels) => data.keepSinglePositive(labels, random()),
  resamplingReport: (labels) => data.resamplingReport(labels),
  stratifiedSplit: (labels) => data.stratifiedSplit(labels, { share: 0.5, random: random() }),
  subset: (labels) => data.subset(dataset(labels), [0, 1, 2], 'part').labels,
  subsetOfLabels: (labels) => data.subsetOfLabels(labels, [0]),
};

test.each(Object.entries(ofLabels))('%s refuses labels and masks other than 0 and 1, and says where', (_, call) => {
  fc.assert(
    fc.property(
      fc.constantFrom('present' as const, 'known' as const),
      fc.nat(5),
      badBits,
      arraysOf,
      (field, at, bad, arrayOf) => {
        const values = arrayOf(Array.from(good.present, (label, i) => (i === at ? bad : label))) as Uint8Array;
        if (values[at] === 0 || values[at] === 1) return;
        expect(() => call({ ...good, [field]: values })).toThrow(DataError);
        expect(() => call({ ...good, [field]: values })).toThrow(
          new RegExp(`labels.${field} should be 0 or 1 everywhere, got .* at \\[${Math.floor(at / 2)},${at % 2}\\]`),
        );
      },
    ),
  );
});

test.each(Object.entries(ofLabels))('%s gives plain arrays of 0 and 1 the value of bytes', (name, call) => {
  const plain = { ...good, present: Array.from(good.present) } as unknown as Labels;
  const [fromPlain, fromBytes] = [call(plain), call(good)];
  if (['dropLabels', 'keepSinglePositive'].includes(name)) {
    expect(data.denseLabels(fromPlain as SparseLabels)).toEqual(data.denseLabels(fromBytes as SparseLabels));
  } else if (name !== 'BatchLoader') expect(fromPlain).toEqual(fromBytes);
});

test.each(Object.entries(ofLabels))('%s refuses sizes that are none or do not fit', (_, call) => {
  for (const count of [-1, 1.5, Number.NaN, 4, Number.POSITIVE_INFINITY]) {
    expect(() => call({ ...good, rows: count })).toThrow(DataError);
    expect(() => call({ ...good, columns: count })).toThrow(LtmlError);
  }
  expect(() => call({ ...good, present: new Uint8Array(5) })).toThrow(LtmlError);
  expect(() => call({ ...good, present: undefined as unknown as Uint8Array })).toThrow(LtmlError);
});

const counts = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'];
const countsFrom0 = counts.slice(1);
const shares = [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5'];
const amounts = [-0.1, Number.NaN, Number.POSITIVE_INFINITY, '1'];
const views = { viewSize: 8, patchSize: 4, patches: 1, statistics };
const loader = (more: object) =>
  new data.BatchLoader({ dataset: dataset(good), sampler: new data.SequentialSampler(3), batchSize: 2, ...more });
const uniform = (more: object) => new data.UniformSampler({ length: 2, random: random(), ...more });
const aware = (more: object) => new data.ClassAwareSampler({ indexByClass: lists, random: random(), ...more });
const balanced = (more: object) => new data.ClassBalancedSampler({ indexByClass: lists, random: random(), ...more });

const alphas = [0, -1, 1e9, Number.NaN, Number.POSITIVE_INFINITY, '1', null];
/** Every option and argument that is no label: a call with its value, and values that it refuses. */
const options: [name: string, call: (value: never) => unknown, bad: readonly unknown[]][] = [
  ['mixup alpha', (alpha) => data.mixup({ alpha }), alphas],
  ['mixup probability', (probability) => data.mixup({ probability }), [-0.1, 1.1, Number.NaN, '1', null]],
  ['cutmix alpha', (alpha) => data.cutmix({ alpha }), alphas],
  ['cutmix probability', (probability) => data.cutmix({ probability }), [-0.1, 1.1, Number.NaN, '1', null]],
  ['BatchLoader batchSize', (batchSize) => loader({ batchSize }), counts],
  ['BatchLoader readAhead', (readAhead) => loader({ readAhead }), counts],
  ['BatchLoader dropLast', (dropLast) => loader({ dropLast }), ['false', 0]],
  ['BatchLoader onBroken', (onBroken) => loader({ onBroken }), ['Skip', true]],
  ['BatchLoader names', (value) => loader({ batchsize: value }), [1]],
  ['SequentialSampler', (length) => new data.SequentialSampler(length), countsFrom0],
  ['itemStreams epoch', (epoch) => data.itemStreams(new RandomStreams(1), epoch), countsFrom0],
  ['UniformSampler length', (length) => uniform({ length }), countsFrom0],
  ['UniformSampler names', (value) => uniform({ size: value }), [1]],
  [
    'UniformSampler aspects',
    (aspect) => uniform({ groupByAspect: { aspects: [1, aspect], batchSize: 1 } }),
    [0, -1, Number.NaN, undefined],
  ],
  ['UniformSampler batchSize', (batchSize) => uniform({ groupByAspect: { aspects: [1, 1], batchSize } }), counts],
  [
    'UniformSampler group names',
    (value) => uniform({ groupByAspect: { aspects: [1, 1], batchSize: 1, batchsize: value } }),
    [1],
  ],
  ['ClassAwareSampler samples', (numSamplesPerClass) => aware({ numSamplesPerClass }), counts],
  ['ClassAwareSampler reduce', (reduce) => aware({ reduce }), [0, 1e-12, ...amounts]],
  ['ClassAwareSampler iid', (iid) => aware({ iid }), [1, 'true']],
  ['ClassAwareSampler names', (value) => aware({ IID: value }), [true]],
  ['ClassBalancedSampler epochLength', (epochLength) => balanced({ epochLength }), counts],
  ['ClassBalancedSampler names', (value) => balanced({ length: value }), [1]],
  ['dropLabels proportion', (proportion) => data.dropLabels(good, proportion), shares],
  ['dropLabels seed', (seed) => data.dropLabels(good, 0.5, { seed }), [...countsFrom0, 2 ** 32]],
  ['stratifiedSplit share', (share) => data.stratifiedSplit(good, { share, random: random() }), [1, ...shares]],
  ['decodeLabels columns', (columns) => data.decodeLabels([1, 0], columns, data.unknownIsZero), counts],
  ...(['present', 'absent', 'unknown'] as const).flatMap((name) => {
    const codes = (code: number) => ({ ...data.unknownIsZero, [name]: code });
    const bad = [200, 1.5, Number.NaN, name === 'present' ? 0 : 1, '1'];
    return [
      [`decodeLabels ${name}`, (code: never) => data.decodeLabels([1, 0], 2, codes(code)), bad],
      [`encodeLabels ${name}`, (code: never) => data.encodeLabels(good, codes(code)), bad],
    ] as typeof options;
  }),
  ['labelsFromLists columns', (columns) => data.labelsFromLists([[0]], columns), countsFrom0],
  ['paretoReference classes', (classes) => data.paretoReference(classes, { max: 3 }), countsFrom0],
  ['paretoReference max', (max) => data.paretoReference(3, { max }), [0, ...amounts]],
  ['paretoReference min', (min) => data.paretoReference(3, { max: 3, min }), [4, ...amounts]],
  ['paretoReference power', (power) => data.paretoReference(3, { max: 3, power }), [0, ...amounts]],
  ['paretoReference covered', (covered) => data.paretoReference(3, { max: 3, covered }), [0, 1, ...shares]],
  [
    'createLongTailed reference',
    (count) => data.createLongTailed(good, { reference: [1, count], random: random() }),
    countsFrom0,
  ],
  [
    'createLongTailed clampToAvailable',
    (clampToAvailable) => data.createLongTailed(good, { reference: [1, 1], random: random(), clampToAvailable }),
    [1, 'no'],
  ],
  ['imageInputs height', (height) => data.imageInputs({ ...images, size: { ...size, height } }, []), counts],
  ['imageInputs width', (width) => data.imageInputs({ ...images, size: { ...size, width } }, []), counts],
  ['imageInputs length', (length) => data.imageInputs({ ...images, length }, []), countsFrom0],
  ['imageInputs transforms', (transform) => data.imageInputs(images, [transform]), ['mirror', null, {}]],
  ['recallOverPrecision k', (k) => data.recallOverPrecision(k, 1, 1), counts],
  ...(['viewSize', 'patchSize', 'patches'] as const).map(
    (name) =>
      [
        `contrastiveViews ${name}`,
        (value: never) => data.contrastiveViews(images, { ...views, [name]: value }),
        name === 'patches' ? countsFrom0 : counts,
      ] as never,
  ),
  [
    'contrastiveViews patchSampling',
    (patchSampling) => data.contrastiveViews(images, { ...views, patchSampling }),
    ['Area'],
  ],
  ['contrastiveViews mirror', (mirror) => data.contrastiveViews(images, { ...views, mirror }), [0]],
];

test.each(options)('%s refuses what is out of its range', (_, call, bad) => {
  for (const value of bad) expect(() => call(value as never), String(value)).toThrow(OptionError);
});

const digits: Record<string, (options: object) => Promise<unknown>> = {
  digitsLt: data.digitsLt,
  digitsLtSingle: data.digitsLtSingle,
  digitsSource: data.digitsSource,
};

test.each(Object.entries(digits))('%s refuses what is out of range', async (_, make) => {
  for (const seed of [1.5, Number.NaN, '1']) await expect(make({ seed })).rejects.toThrow(OptionError);
  for (const difficulty of [
    { texture: Number.NaN },
    { rotation: -1 },
    { inkVariation: Number.POSITIVE_INFINITY },
    { scale: [30, 14] },
    { scale: [0, 14] },
    { distractors: [0, 1.5] },
    { distractors: [3, 1] },
    { distractorInks: ['plaid'] },
    { distractorInks: [] },
    { textures: 1 },
  ]) {
    await expect(make({ difficulty }), JSON.stringify(difficulty)).rejects.toThrow(OptionError);
  }
  await expect(make({ seeds: 1 })).rejects.toThrow(OptionError);
});

/** Every list of images or classes. */
const indices: [name: string, call: (value: number) => unknown][] = [
  ['ClassAwareSampler', (i) => aware({ indexByClass: [[0], [i]] })],
  ['ClassBalancedSampler', (i) => balanced({ indexByClass: [[0], [i]] })],
  ['labelsFromLists', (i) => data.labelsFromLists([[i]], 2)],
  ['subset', (i) => data.subset(dataset(good), [i], 'part')],
  ['subsetOfLabels', (i) => data.subsetOfLabels(good, [i])],
];

test.each(indices)('%s refuses what is no index', (_, call) => {
  for (const index of [-1, 0.5, Number.NaN]) expect(() => call(index)).toThrow(DataError);
});

test('coded labels that are no code are refused by row and class', () => {
  for (const bad of [2, -2, 0.5, Number.NaN, true, null]) {
    expect(() => data.decodeLabels([1, 0, 1, bad as number], 2, data.unknownIsMinusOne)).toThrow(/row 1, class 1/);
  }
});

test('a sampler of 200,000 classes', () => {
  const indexByClass = Array.from({ length: 200_000 }, (_, i) => [i]);
  const sampler = new data.ClassAwareSampler({ indexByClass, random: random(), reduce: 1 });
  expect(sampler.epochLength).toBe(200_000);
  expect(new Set(sampler.nextEpoch()).size).toBe(66_667);
  sampler.importState(JSON.parse(JSON.stringify(sampler.exportState())));
  expect(new data.ClassBalancedSampler({ indexByClass, random: random() }).nextEpoch()).toHaveLength(200_000);
});

test('no images and no classes have the empty result', () => {
  const none = { rows: 0, columns: 2, present: new Uint8Array(0) };
  expect(data.indexByClass(none)).toEqual([new Int32Array(0), new Int32Array(0)]);
  expect(data.dropLabels(none, 0.5).rows).toBe(0);
  expect(data.encodeLabels(none, data.unknownIsZero)).toHaveLength(0);
  expect(data.imageProbability(none)).toHaveLength(0);
  expect(data.createLongTailed(none, { reference: [1, 1], random: random() })).toHaveLength(0);
  expect(data.decodeLabels([], 3, data.unknownIsZero)).toEqual({ rows: 0, columns: 3, present: new Uint8Array(0) });
  expect(data.paretoReference(0, { max: 3 })).toHaveLength(0);
  expect(new data.UniformSampler({ length: 0, random: random() }).nextEpoch()).toHaveLength(0);
  expect(new data.SequentialSampler(0).nextEpoch()).toHaveLength(0);
  expect(() => aware({ indexByClass: [[], []] })).toThrow(DataError);
  expect(() => balanced({ indexByClass: [] })).toThrow(DataError);
});

/** What reads lines of files, or is a number: the tests of their own try them. */
const others = [
  ...['reconstructVocMlt', 'unknownIsMinusOne', 'unknownIsZero', 'digitsLtDifficulty'],
  ...['digitsSourceDifficulty', 'queryColours', 'keyColours', 'classShare'],
  // Tested in sparse-labels.test.ts and data-sets.test.ts.
  ...[
    'classList',
    'classGroups',
    'multiLabelProtocol',
    'singleLabelProtocol',
    'subsetOfPictures',
    'digitsLtSet',
    'digitsLtSingleSet',
  ],
  ...['denseLabels', 'sparseLabels', 'sparseOf', 'subsetOfSparseLabels', 'dealSplits', 'dealFolds', 'summarizeLabels'],
  // Tested in digits-ml.test.ts and share-of-images.test.ts.
  ...['digitsMl', 'digitsMlDifficulty', 'digitsMlSet', 'shareOfDataSet', 'shareOfImages'],
  // Tested in published-sets.test.ts.
  ...['publishedSets', 'setOptions'],
  // Tested in files of their names.
  ...['iterativeStratification', 'shareOf'],
];

test('every export is in a table', () => {
  const tried = [...Object.keys(ofLabels), ...Object.keys(digits), ...[...options, ...indices].map(([name]) => name)];
  const named = new Set([...tried.map((name) => name.split(/[ ,.]/)[0]), ...others, 'decodeLabels']);
  expect(Object.keys(data).filter((name) => !named.has(name))).toEqual([]);
});
