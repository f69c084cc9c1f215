import { DataError, LtmlError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arraysOf, badBits } from '../../tensor/test/bad-bits.ts';
import type { Scores } from '../src/core/scores.ts';
import * as metrics from '../src/index.ts';

const random = () => new RandomStream(0);
const groups = { head: [0], medium: [1], tail: [2] };
const good: Scores = {
  rows: 3,
  columns: 3,
  scores: Float32Array.of(3, -1, 2, 0, 5, -2, 1, 1, 4),
  present: Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 1, 0),
};
const counts = metrics.countPredictions(good, { topK: 1 });

/** Every function that takes scores with labels, called with good options. */
const ofScores: Record<string, (scores: Scores) => unknown> = {
  averagePrecision: (scores) => metrics.averagePrecision(scores),
  classwiseCalibrationError: (scores) => metrics.classwiseCalibrationError(metrics.sigmoidProbabilities(scores)),
  confusions: (scores) => metrics.confusions(scores, new Uint8Array(9)),
  countPredictions: (scores) => metrics.countPredictions(scores, { topK: 1 }),
  expectedCalibrationError: (scores) => metrics.expectedCalibrationError(metrics.sigmoidProbabilities(scores)),
  imagesWithPositives: (scores) => metrics.imagesWithPositives(scores),
  labelIssues: (scores) => metrics.labelIssues(metrics.sigmoidProbabilities(scores)),
  labelRankingReport: (scores) => metrics.labelRankingReport(scores, { k: [1] }),
  maxF1Thresholds: (scores) => metrics.maxF1Thresholds(scores),
  openImagesReport: (scores) => metrics.openImagesReport(scores, { unseen: [0, 1], k: [1] }),
  'pairedBootstrap, first': (scores) => metrics.pairedBootstrap(scores, good, { random: random(), resamples: 2 }),
  'pairedBootstrap, second': (scores) => metrics.pairedBootstrap(good, scores, { random: random(), resamples: 2 }),
  'pairedPermutationTest, first': (scores) =>
    metrics.pairedPermutationTest(scores, good, { random: random(), permutations: 2 }),
  'pairedPermutationTest, second': (scores) =>
    metrics.pairedPermutationTest(good, scores, { random: random(), permutations: 2 }),
  perClassReport: (scores) => metrics.perClassReport(scores, { classes: ['a', 'b', 'c'], classCounts: [3, 2, 1] }),
  positivesPerClass: (scores) => metrics.positivesPerClass(scores),
  precisionThresholds: (scores) => metrics.precisionThresholds(scores, { precision: 0.5 }),
  precisionRecallAtK: (scores) => metrics.precisionRecallAtK(scores, 1),
  selectScores: (scores) => metrics.selectScores(scores, [0]),
  splitReport: (scores) => metrics.splitReport(scores, groups),
  topKLabelAccuracy: (scores) => metrics.topKLabelAccuracy(scores, 1),
  'ScoreAccumulator.add': ({ columns, scores, present: labels, known }) =>
    new metrics.ScoreAccumulator({ columns }).add({ scores, labels, ...(known && { known }) }),
  // Of one class: the others' entries are left out.
  rankingCurve: ({ scores, present }) => metrics.rankingCurve(scores, present),
};

/** Functions of other arguments, each tried below or by the tests of its own. */
const others = [
  ...[
    'accuracyPerClass',
    'apIncrements',
    'f1Report',
    'meanAveragePrecision',
    'pairedMeansBootstrap',
    'precisionRecall',
  ],
  ...['atLeastThresholds', 'mcut', 'nearDuplicates', 'precisionRecallPerClass', 'sigmoidProbabilities'],
  ...['sigmoidTemperature', 'softmaxProbabilities', 'softmaxTemperature', 'top1CalibrationError'],
  ...['holm', 'pValueOfInterval'],
  ...['classAccuracyReport', 'shotAccuracy', 'logitAbove', 'logitAtLeast', 'probabilityAtLeast', 'ScoreAccumulator'],
  // Rules: they take a curve that `rankingCurve` made.
  ...['elevenPoint', 'interpolated', 'nonInterpolated', 'nonInterpolatedAsl'],
];

test('every exported function is in a table', () => {
  const named = new Set([...Object.keys(ofScores).map((name) => name.split(/[ ,.]/)[0]), ...others]);
  expect(Object.keys(metrics).filter((name) => !named.has(name))).toEqual([]);
});

test.each(Object.entries(ofScores))('%s refuses labels and masks other than 0 and 1, and says where', (name, call) => {
  fc.assert(
    fc.property(
      fc.constantFrom('present' as const, 'known' as const),
      fc.nat(8),
      badBits,
      arraysOf,
      (field, at, bad, arrayOf) => {
        if (name === 'rankingCurve' && field === 'known') return;
        const values = arrayOf(Array.from(good.present, (label, i) => (i === at ? bad : label))) as Uint8Array;
        if (values[at] === 0 || values[at] === 1) return;
        const place = name === 'rankingCurve' ? `\\[${at}\\]` : `\\[${Math.floor(at / 3)},${at % 3}\\]`;
        expect(() => call({ ...good, [field]: values })).toThrow(DataError);
        expect(() => call({ ...good, [field]: values })).toThrow(new RegExp(`0 or 1 everywhere, got .* at ${place}`));
      },
    ),
  );
});

test.each(Object.entries(ofScores))('%s gives plain arrays of 0 and 1 the value of bytes', (_, call) => {
  const plain = { ...good, scores: Array.from(good.scores), present: Array.from(good.present) } as unknown as Scores;
  expect(call(plain)).toEqual(call(good));
});

test.each(Object.entries(ofScores))('%s refuses NaN among scores, and takes infinities', (_, call) => {
  fc.assert(
    fc.property(fc.nat(8), fc.constantFrom(Number.NaN, undefined, '3'), (at, bad) => {
      const scores = Array.from(good.scores, (score, i) => (i === at ? bad : score)) as unknown as Float32Array;
      expect(() => call({ ...good, scores })).toThrow(DataError);
      expect(() => call({ ...good, scores })).toThrow(/scores should be numbers, got .* at/);
    }),
  );
  call({ ...good, scores: good.scores.with(0, Number.POSITIVE_INFINITY).with(4, Number.NEGATIVE_INFINITY) });
});

test.each(Object.entries(ofScores).filter(([name]) => name !== 'rankingCurve'))(
  '%s refuses sizes that are none or do not fit',
  (name, call) => {
    for (const rows of [-1, 1.5, Number.NaN, 2, 4, Number.POSITIVE_INFINITY]) {
      if (name !== 'ScoreAccumulator.add') {
        expect(() => call({ ...good, rows })).toThrow(LtmlError);
        expect(() => call({ ...good, rows })).toThrow(/whole number|entries/);
      }
      expect(() => call({ ...good, columns: rows })).toThrow(LtmlError);
    }
    expect(() => call({ ...good, present: new Uint8Array(8) })).toThrow(LtmlError);
    expect(() => call({ ...good, known: new Uint8Array(10) })).toThrow(LtmlError);
    expect(() => call({ ...good, scores: new Float32Array(8) })).toThrow(ShapeError);
    expect(() => call({ ...good, present: undefined as unknown as Uint8Array })).toThrow(LtmlError);
  },
);

const halves: Scores = { ...good, scores: new Float32Array(9).fill(0.5) };

const strange = (options: object): never => options as never;

/** Every option and argument: a call with its value, and values that it refuses. */
const options: [name: string, call: (value: never) => unknown, bad: readonly unknown[]][] = [
  ['averagePrecision rule', (rule) => metrics.averagePrecision(good, { rule }), ['interpolated', null, 1]],
  [
    'averagePrecision emptyClasses',
    (emptyClasses) => metrics.averagePrecision(good, { emptyClasses }),
    ['Skip', 'nan'],
  ],
  ['countPredictions topK', (topK) => metrics.countPredictions(good, { topK }), [0, -1, 4, 1.5, Number.NaN, '1']],
  ['countPredictions decide', (decide) => metrics.countPredictions(good, { decide }), ['logitAbove', 0]],
  ['precisionRecallAtK k', (k) => metrics.precisionRecallAtK(good, k), [0, -1, 4, 1.5, Number.NaN]],
  ['topKLabelAccuracy k', (k) => metrics.topKLabelAccuracy(good, k), [0, -1, 4, 1.5, Number.NaN]],
  ['labelRankingReport k', (k) => metrics.labelRankingReport(good, { k: [k] }), [0, -1, 4, 1.5, Number.NaN]],
  ['openImagesReport k', (k) => metrics.openImagesReport(good, { unseen: [0], k: [k] }), [0, 2, 1.5, Number.NaN]],
  [
    'precisionRecall emptyClasses',
    (emptyClasses) => metrics.precisionRecall(counts, { emptyClasses }),
    ['none', 'NaN'],
  ],
  [
    'precisionRecall neverPredictedCountsOnce',
    (once) => metrics.precisionRecall(counts, { neverPredictedCountsOnce: once }),
    [1, 'yes'],
  ],
  ...((['fallback', 'pooled'] as const).flatMap((name) => [
    [`maxF1Thresholds ${name}`, (value: never) => metrics.maxF1Thresholds(good, { [name]: value }), [Number.NaN, '1']],
  ]) as unknown as typeof options),
  [
    'precisionThresholds precision',
    (precision) => metrics.precisionThresholds(good, { precision }),
    [0, 1.1, Number.NaN, '0.5'],
  ],
  ['mcut floor', (floor) => metrics.mcut(good, { floor }), [Number.NaN, '0', null]],
  ['mcut fallback', (fallback) => metrics.mcut(good, { fallback }), [Number.NaN, '0']],
  ['sigmoidProbabilities', (temperature) => metrics.sigmoidProbabilities(good, temperature), [0, -1, Number.NaN, '1']],
  ['softmaxProbabilities', (temperature) => metrics.softmaxProbabilities(good, temperature), [0, -1, Number.NaN, '1']],
  ['expectedCalibrationError bins', (bins) => metrics.expectedCalibrationError(halves, { bins }), [0, 1.5, Number.NaN]],
  ['classwiseCalibrationError bins', (bins) => metrics.classwiseCalibrationError(halves, { bins }), [0, -1]],
  ['top1CalibrationError bins', (bins) => metrics.top1CalibrationError(halves, [0, 1, 2], { bins }), [0, '15']],
  [
    'nearDuplicates similarity',
    (similarity) => metrics.nearDuplicates(good.scores, { columns: 3, random: random(), similarity }),
    [0, 1.1, Number.NaN],
  ],
  ['nearDuplicates columns', (columns) => metrics.nearDuplicates(good.scores, { columns, random: random() }), [0, 1.5]],
  ['logitAbove', (limit) => metrics.logitAbove(limit), [Number.NaN, '0', undefined]],
  ['logitAtLeast', (limit) => metrics.logitAtLeast(limit), [Number.NaN, '0', undefined]],
  ['probabilityAtLeast', (limit) => metrics.probabilityAtLeast(limit), [Number.NaN, -0.1, 1.1, '0.5']],
  ['ScoreAccumulator columns', (columns) => new metrics.ScoreAccumulator({ columns }), [0, -1, 1.5, Number.NaN]],
  [
    'ScoreAccumulator expectedRows',
    (expectedRows) => new metrics.ScoreAccumulator({ columns: 1, expectedRows }),
    [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
  ],
  ...(['pairedBootstrap', 'pairedMeansBootstrap'] as const).flatMap((name) => {
    const call = (more: object) =>
      name === 'pairedBootstrap'
        ? metrics.pairedBootstrap(good, good, { random: random(), resamples: 2, ...more })
        : metrics.pairedMeansBootstrap([1], [2], { random: random(), resamples: 2, ...more });
    return [
      [
        `${name} resamples`,
        (resamples: never) => call({ resamples }),
        [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
      ],
      [`${name} confidence`, (confidence: never) => call({ confidence }), [0, 1, -0.1, Number.NaN, 95]],
      [`${name} onProgress`, (onProgress: never) => call({ onProgress }), [true]],
      [`${name} name`, (value: never) => call({ samples: value }), [2]],
    ] as typeof options;
  }),
  [
    'pairedPermutationTest permutations',
    (permutations) => metrics.pairedPermutationTest(good, good, { random: random(), permutations }),
    [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
  ],
  [
    'pairedPermutationTest rule',
    (rule) => metrics.pairedPermutationTest(good, good, { random: random(), rule }),
    ['interpolated'],
  ],
  [
    'apIncrements classCounts',
    (count) => metrics.apIncrements([[0.5], [0.6]], [count], { head: [0], medium: [], tail: [] }),
    [-1, Number.NaN],
  ],
  ...([
    ['averagePrecision', (o: object) => metrics.averagePrecision(good, strange(o))],
    ['countPredictions', (o: object) => metrics.countPredictions(good, strange({ topK: 1, ...o }))],
    ['splitReport', (o: object) => metrics.splitReport(good, groups, strange(o))],
    ['precisionRecall', (o: object) => metrics.precisionRecall(counts, strange(o))],
    ['ScoreAccumulator', (o: object) => new metrics.ScoreAccumulator(strange({ columns: 1, ...o }))],
    ['labelRankingReport', (o: object) => metrics.labelRankingReport(good, strange({ k: [1], ...o }))],
    ['openImagesReport', (o: object) => metrics.openImagesReport(good, strange({ unseen: [0], k: [1], ...o }))],
    [
      'perClassReport',
      (o: object) => metrics.perClassReport(good, strange({ classes: ['', '', ''], classCounts: [1, 1, 1], ...o })),
    ],
  ].map(([name, call]) => [
    `${name} names`,
    (value: never) => (call as (o: object) => unknown)({ emptyclasses: value }),
    [1],
  ]) as unknown as typeof options),
];

test.each(options)('%s refuses what is out of its range', (_, call, bad) => {
  for (const value of bad) expect(() => call(value as never), String(value)).toThrow(OptionError);
});

/** Every list of classes or images. */
const indices: [name: string, call: (value: number) => unknown][] = [
  ['selectScores images', (i) => metrics.selectScores(good, [i])],
  ['selectScores classes', (i) => metrics.selectScores(good, undefined, [i])],
  ['imagesWithPositives classes', (i) => metrics.imagesWithPositives(good, [i])],
  ['meanAveragePrecision classes', (i) => metrics.meanAveragePrecision([1, 1, 1], [i])],
  ['f1Report classes', (i) => metrics.f1Report(counts, [i])],
  ['precisionRecall classes', (i) => metrics.precisionRecall(counts, { classes: [i] })],
  ['openImagesReport unseen', (i) => metrics.openImagesReport(good, { unseen: [i], k: [1] })],
  ['splitReport groups', (i) => metrics.splitReport(good, { ...groups, tail: [i] })],
  [
    'perClassReport groups',
    (i) =>
      metrics.perClassReport(good, {
        classes: ['', '', ''],
        classCounts: [1, 1, 1],
        groups: { ...groups, head: [i] },
      }),
  ],
  ['classAccuracyReport labels', (i) => metrics.classAccuracyReport(good, [0, i, 2])],
  ['shotAccuracy groups', (i) => metrics.shotAccuracy(good, [0, 1, 2], { ...groups, medium: [i] })],
  ['shotAccuracy labels', (i) => metrics.shotAccuracy(good, [0, i, 2], groups)],
  ['softmaxTemperature labels', (i) => metrics.softmaxTemperature(good, [0, i, 2])],
  ['top1CalibrationError labels', (i) => metrics.top1CalibrationError(halves, [0, i, 2])],
  ['apIncrements groups', (i) => metrics.apIncrements([], [1, 1, 1], { ...groups, tail: [i] })],
  ['pairedBootstrap groups', (i) => metrics.pairedBootstrap(good, good, { random: random(), groups: { a: [i] } })],
  [
    'pairedPermutationTest groups',
    (i) => metrics.pairedPermutationTest(good, good, { random: random(), groups: { a: [i] } }),
  ],
  [
    'pairedMeansBootstrap groups',
    (i) => metrics.pairedMeansBootstrap([1, 2, 3], [2, 3, 4], { random: random(), groups: { a: [i] } }),
  ],
];

test.each(indices)('%s refuses what is no index', (_, call) => {
  for (const index of [-1, 3, 0.5, Number.NaN]) expect(() => call(index)).toThrow(DataError);
});

test('a refused batch leaves nothing in the accumulator', () => {
  const gathered = new metrics.ScoreAccumulator({ columns: 1, expectedRows: 0 });
  gathered.add({ scores: [1], labels: [1] });
  for (const bad of [0.7, Number.NaN, -1, 256, 257]) {
    expect(() => gathered.add({ scores: [1, 2], labels: [1, bad] })).toThrow(DataError);
    expect(() => gathered.add({ scores: [1, 2], labels: [1, 0], known: [bad, 1] })).toThrow(DataError);
  }
  expect(gathered.scores()).toEqual({
    rows: 1,
    columns: 1,
    scores: Float32Array.of(1),
    present: Uint8Array.of(1),
  });
});

test('counts that are none, and logits whose highest is infinite', () => {
  for (const bad of [-1, 0.5, Number.NaN]) {
    for (const call of [metrics.f1Report, metrics.accuracyPerClass, metrics.precisionRecall]) {
      const correct = [bad, 0, 0] as unknown as Int32Array;
      expect(() => call({ ...counts, correct })).toThrow(DataError);
      expect(() => call({ ...counts, known: new Int32Array(2) })).toThrow(ShapeError);
    }
  }
  const logits = { rows: 1, columns: 2, scores: Float32Array.of(0, Number.NEGATIVE_INFINITY) };
  expect(metrics.shotAccuracy(logits, [0], { head: [0], medium: [], tail: [1] }).crossEntropy).toBe(0);
  for (const infinite of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const scores = Float32Array.of(infinite, Number.NEGATIVE_INFINITY);
    expect(() => metrics.shotAccuracy({ ...logits, scores }, [0], { head: [], medium: [], tail: [] })).toThrow(
      /a finite highest logit in each row, got -?Infinity at row 0, class 0/,
    );
  }
});

test('what is no probability, no finite logit, no threshold and no prediction is refused by its place', () => {
  for (const bad of [-0.1, 1.1, Number.POSITIVE_INFINITY]) {
    const scores = halves.scores.with(4, bad);
    for (const call of [
      () => metrics.expectedCalibrationError({ ...halves, scores }),
      () => metrics.classwiseCalibrationError({ ...halves, scores }),
      () => metrics.top1CalibrationError({ ...halves, scores }, [0, 1, 2]),
      () => metrics.labelIssues({ ...halves, scores }),
    ]) {
      expect(call).toThrow(/scores should be probabilities, got .* at row 1, class 1/);
    }
  }
  const scores = good.scores.with(4, Number.NEGATIVE_INFINITY);
  expect(() => metrics.sigmoidTemperature({ ...good, scores })).toThrow(/finite, got -Infinity at row 1, class 1/);
  expect(() => metrics.softmaxTemperature({ ...good, scores }, [0, 1, 2])).toThrow(/finite, got -Infinity/);
  expect(() => metrics.atLeastThresholds(good, [0, 1])).toThrow(ShapeError);
  expect(() => metrics.atLeastThresholds(good, [0, 1, Number.NaN])).toThrow(/NaN for class 2/);
  expect(() => metrics.confusions(good, new Uint8Array(8))).toThrow(ShapeError);
  expect(() => metrics.countPredictions(good, { predicted: new Uint8Array(9).fill(2) })).toThrow(DataError);
  expect(() => metrics.countPredictions(good, { predicted: new Uint8Array(9), topK: 1 })).toThrow(OptionError);
  expect(() => metrics.nearDuplicates(new Float32Array(4), { columns: 3, random: random() })).toThrow(ShapeError);
  expect(() => metrics.nearDuplicates(scores, { columns: 3, random: random() })).toThrow(/-Infinity of image 1/);
  expect(() => metrics.precisionRecallPerClass({ ...counts, known: new Int32Array(2) })).toThrow(ShapeError);
});
