import { OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Reweighting } from '../src/index.ts';
import * as losses from '../src/index.ts';

const statistics = {
  trainCount: 100,
  classCounts: [3, 50],
  cooccurrence: [
    [3, 1],
    [1, 50],
  ],
};
const db = losses.distributionBalancedLoss;

type Call = (x: tf.Tensor2D, y: tf.Tensor2D, value: never) => unknown;

const [nonNegative, positive, fraction] = [
  [Number.NaN, Infinity, -Infinity, -1, '1', null],
  [Number.NaN, Infinity, -1, 0, '1'],
  [Number.NaN, Infinity, -1, 1.5, '0.5'],
] as const;
const anyNumber = [Number.NaN, Infinity, -Infinity, '1'];
const name = ['typo', '', 1, Number.NaN];
const flag = ['yes', 1, 0, Number.NaN];

/** Every option by its name, what it refuses, and the function that takes it. */
const options: readonly [string, readonly unknown[], Call][] = [
  ['reduction', name, (x, y, v) => losses.binaryCrossEntropy(x, y, { reduction: v })],
  ['checkFinite', flag, (x, y, v) => losses.focalLoss(x, y, { checkFinite: v })],
  ['lossWeight', nonNegative, (x, y, v) => losses.binaryCrossEntropy(x, y, { lossWeight: v })],
  ['divisor', positive, (x, y, v) => losses.binaryCrossEntropy(x, y, { divisor: v })],
  ['classWeight[1]', nonNegative, (x, y, v) => losses.binaryCrossEntropy(x, y, { classWeight: [1, v] })],
  ['classWeight[0]', nonNegative, (x, y, v) => losses.multiLabelSoftMargin(x, y, { classWeight: [v, 1] })],
  ['positiveWeight[1]', nonNegative, (x, y, v) => losses.binaryCrossEntropy(x, y, { positiveWeight: [1, v] })],
  ['thresholds[0]', fraction, (x, y, v) => losses.binaryCrossEntropy(x, y, { thresholds: [v, 1] })],
  ['thresholds[1]', fraction, (x, y, v) => losses.binaryCrossEntropy(x, y, { thresholds: [0, v] })],
  ['gamma', nonNegative, (x, y, v) => losses.focalLoss(x, y, { gamma: v })],
  ['balance', nonNegative, (x, y, v) => losses.focalLoss(x, y, { balance: v })],
  ['gammaNegative', nonNegative, (x, y, v) => losses.asymmetricLoss(x, y, { gammaNegative: v })],
  ['gammaPositive', nonNegative, (x, y, v) => losses.asymmetricLoss(x, y, { gammaPositive: v })],
  ['clip', [...fraction, 1], (x, y, v) => losses.asymmetricLoss(x, y, { clip: v })],
  ['epsilon', [...fraction, 0], (x, y, v) => losses.asymmetricLoss(x, y, { epsilon: v })],
  ['factorGradient', flag, (x, y, v) => losses.asymmetricLoss(x, y, { factorGradient: v })],
  ['gammaNegative', nonNegative, (x, y, v) => losses.asymmetricLossSingleLabel(x, y, { gammaNegative: v })],
  ['gammaPositive', nonNegative, (x, y, v) => losses.asymmetricLossSingleLabel(x, y, { gammaPositive: v })],
  ['smoothing', fraction, (x, y, v) => losses.asymmetricLossSingleLabel(x, y, { smoothing: v })],
  ['maxMargin', nonNegative, (x, y, v) => losses.ldamLoss(x, y, statistics, { maxMargin: v })],
  ['scale', positive, (x, y, v) => losses.ldamLoss(x, y, statistics, { scale: v })],
  ['clampCounts', flag, (x, y, v) => losses.ldamLoss(x, y, statistics, { clampCounts: v })],
  ['maxMargin', nonNegative, (_x, _y, v) => losses.ldamMargins(statistics, { maxMargin: v })],
  ['margin', positive, (x, y, v) => losses.rankingLoss(x, y, { margin: v })],
  ['pairs', name, (x, y, v) => losses.rankingLoss(x, y, { pairs: v })],
  ['margin', positive, (x, y, v) => losses.rankingViolations(x, y, { margin: v })],
  ['tau', anyNumber, (x, _y, v) => losses.logitAdjustment(x, statistics, { tau: v })],
  ['form', name, (_x, _y, v) => losses.logitOffsets(statistics, { form: v })],
  ['clampCounts', flag, (_x, _y, v) => losses.logitOffsets(statistics, { clampCounts: v })],
  ['lossWeight', nonNegative, (x, y, v) => db(x, y, statistics, { lossWeight: v })],
  ['weightNorm', name, (x, y, v) => db(x, y, statistics, { weightNorm: v })],
  ['clampCounts', flag, (x, y, v) => db(x, y, statistics, { clampCounts: v })],
  ['focal.gamma', nonNegative, (x, y, v) => db(x, y, statistics, { focal: { gamma: v } })],
  ['focal.balance', nonNegative, (x, y, v) => db(x, y, statistics, { focal: { balance: v } })],
  ['focal.scope', name, (x, y, v) => db(x, y, statistics, { focal: { scope: v } })],
  ['ntr.kappa', nonNegative, (x, y, v) => db(x, y, statistics, { ntr: { kappa: v } })],
  ['ntr.lambda', positive, (x, y, v) => db(x, y, statistics, { ntr: { lambda: v } })],
  ['ntr.kappaDividedByLambda', flag, (x, y, v) => db(x, y, statistics, { ntr: { kappaDividedByLambda: v } })],
  ['kappa', nonNegative, (_x, _y, v) => losses.negativeTolerantShift(statistics, { kappa: v })],
  ['lambda', positive, (_x, _y, v) => losses.negativeTolerantShift(statistics, { lambda: v })],
  ['reweight.by', name, (x, y, v) => db(x, y, statistics, { reweight: { by: v } as Reweighting })],
  ['reweight.alpha', nonNegative, (x, y, v) => db(x, y, statistics, { reweight: { by: 'rebalance', alpha: v } })],
  [
    'reweight.beta',
    [...fraction, 1],
    (x, y, v) => db(x, y, statistics, { reweight: { by: 'classBalanced', beta: v } }),
  ],
  ['alpha', nonNegative, (_, y, v) => losses.rebalancedWeights(y, statistics, { alpha: v })],
  ['beta', positive, (_, y, v) => losses.rebalancedWeights(y, statistics, { beta: v })],
  ['mu', anyNumber, (_, y, v) => losses.rebalancedWeights(y, statistics, { mu: v })],
  ['beta', [...fraction, 1], (_, y, v) => losses.classBalancedWeights(y, statistics, { beta: v })],
  ['mode', name, (_, y, v) => losses.classBalancedWeights(y, statistics, { mode: v })],
  ['clampCounts', flag, (_, y, v) => losses.repeatRate(y, statistics, { clampCounts: v })],
  ['beta', fraction, (_x, _y, v) => losses.effectiveNumber(3, v)],
  ['count', [Number.NaN, -1, '1'], (_x, _y, v) => losses.effectiveNumber(v, 0.9)],
  ['threshold', fraction, (_x, _y, v) => losses.gcnAdjacency(statistics, { threshold: v })],
  ['neighbourWeight', nonNegative, (_x, _y, v) => losses.gcnAdjacency(statistics, { neighbourWeight: v })],
  ['lambda', [...nonNegative, 0.5], (x, y, v) => losses.hillLoss(x, y, { lambda: v })],
  ['margin', anyNumber, (x, y, v) => losses.hillLoss(x, y, { margin: v })],
  ['gamma', nonNegative, (x, y, v) => losses.hillLoss(x, y, { gamma: v })],
  ['epoch', [...nonNegative, 1.5], (x, y, v) => losses.splcLoss(x, y, { epoch: v })],
  ['changeEpoch', [...nonNegative, 1.5], (x, y, v) => losses.splcLoss(x, y, { epoch: 0, changeEpoch: v })],
  ['threshold', [...fraction, 0, 1], (x, y, v) => losses.splcLoss(x, y, { epoch: 0, threshold: v })],
  ['threshold', [...fraction, 0, 1], (x, y, v) => losses.splcPseudoLabels(x, y, { epoch: 0, threshold: v })],
  ['margin', anyNumber, (x, y, v) => losses.splcLoss(x, y, { epoch: 0, margin: v })],
  ['gamma', nonNegative, (x, y, v) => losses.splcLoss(x, y, { epoch: 0, gamma: v })],
  ['mode', name, (x, y, v) => losses.partialSelectiveLoss(x, y, { mode: v })],
  ['likelihood', name, (x, y, v) => losses.partialSelectiveLoss(x, y, { mode: 'selective', known: y, likelihood: v })],
  ['clip', [...fraction, 1], (x, y, v) => losses.partialSelectiveLoss(x, y, { clip: v })],
  [
    'topK',
    [...nonNegative, 1.5],
    (x, y, v) => losses.partialSelectiveLoss(x, y, { mode: 'selective', known: y, topK: v }),
  ],
  ...(['gammaPositive', 'gammaNegative', 'gammaUnknown'] as const).map((gamma): [string, readonly unknown[], Call] => [
    gamma,
    nonNegative,
    (x, y, v) => losses.partialSelectiveLoss(x, y, { [gamma]: v }),
  ]),
  ...(['alphaPositive', 'alphaNegative', 'alphaUnknown'] as const).map((alpha): [string, readonly unknown[], Call] => [
    alpha,
    nonNegative,
    (x, y, v) => losses.partialSelectiveWeights(x, y, { [alpha]: v }),
  ]),
  [
    'priorThreshold',
    fraction,
    (x, y, v) => losses.partialSelectiveLoss(x, y, { mode: 'selective', known: y, priorThreshold: v }),
  ],
  ['exponent', anyNumber, (x, y, v) => losses.multiGrainedFocal(x, y, statistics, { exponent: v })],
  ['clip', [...fraction, 1], (x, y, v) => losses.multiGrainedFocal(x, y, statistics, { clip: v })],
  ['gammaPositive', nonNegative, (x, y, v) => losses.multiGrainedFocal(x, y, statistics, { gammaPositive: v })],
  ['gammaNegative', nonNegative, (x, y, v) => losses.multiGrainedFocal(x, y, statistics, { gammaNegative: v })],
  ['clampCounts', flag, (x, y, v) => losses.multiGrainedFocal(x, y, statistics, { clampCounts: v })],
  [
    'negativeScale',
    nonNegative,
    (x, y, v) => losses.priorFocalModifier(x, y, statistics, shares(), { negativeScale: v }),
  ],
  ['positiveTemperature', positive, (x, y, v) => losses.twoWayLoss(x, y, { positiveTemperature: v })],
  ['negativeTemperature', positive, (x, y, v) => losses.twoWayLoss(x, y, { negativeTemperature: v })],
  ['direction', name, (x, y, v) => losses.twoWayLoss(x, y, { direction: v })],
  ['tau', anyNumber, (x, y, v) => losses.balancedSoftmax(x, y, statistics, { tau: v })],
  ['lambda', nonNegative, (x, y, v) => losses.ladeRegularizer(x, y, statistics, { lambda: v })],
  ['alpha', nonNegative, (x, y, v) => losses.ladeLoss(x, y, statistics, { alpha: v })],
  ['statistics', [Number.NaN, 0, -1, Infinity], (x, y, v) => losses.ldamLoss(x, y, { ...statistics, trainCount: v })],
];

const shares = () => losses.coOccurrenceShares(statistics.cooccurrence);

it.each(options)('refuses %s: %j', (option, values, call) => {
  tf.tidy(() => {
    const [x, y] = [tf.zeros<tf.Rank.R2>([2, 2]), tf.zeros<tf.Rank.R2>([2, 2])];
    for (const value of values) {
      expect(() => call(x, y, value as never), String(value)).toThrow(OptionError);
      expect(() => call(x, y, value as never), String(value)).toThrow(`${option} should be`);
    }
  });
});

it('refuses names that it does not know, of every function with options', () => {
  tf.tidy(() => {
    const [x, y] = [tf.zeros<tf.Rank.R2>([2, 2]), tf.zeros<tf.Rank.R2>([2, 2])];
    const typo = { gama: 1 } as object;
    const calls: (() => unknown)[] = [
      () => losses.ldamMargins(statistics, typo),
      () => losses.rankingViolations(x, y, { reduction: 'sum' } as object),
      () => losses.negativeTolerantShift(statistics, typo),
      () => losses.repeatRate(y, statistics, typo),
      () => losses.reweight(y, statistics, { by: 'inv' }, typo),
      () => losses.reweight(y, statistics, { by: 'inv', ...typo }),
      () => losses.rebalancedWeights(y, statistics, typo),
      () => losses.classBalancedWeights(y, statistics, typo),
      () => losses.logitOffsets(statistics, typo),
      () => losses.gcnAdjacency(statistics, typo),
      () => db(x, y, statistics, typo),
      () => losses.distributionBalancedParts(x, y, statistics, typo),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(/the unknown option/);
  });
});

it('names the class whose count a formula can not bear, and takes it clamped', () => {
  const rare = { trainCount: 10, classCounts: [0, 5], classNames: ['zebra "Z"', 'horse'] };
  expect(() => losses.ldamMargins(rare)).toThrow(
    /classCounts\[0\], of class "zebra \\"Z\\"", should be in \[1, 10\].*got 0\..*clampCounts/,
  );
  expect(losses.ldamMargins(rare, { clampCounts: true })[0]).toBe(0.5);
});
