import type * as tf from '@tensorflow/tfjs-core';
import {
  asymmetricLoss,
  asymmetricLossSingleLabel,
  balancedSoftmax,
  binaryCrossEntropy,
  distributionBalancedLoss,
  focalLoss,
  hillLoss,
  kPositiveCrossEntropy,
  ldamLoss,
  multiGrainedFocal,
  multiLabelSoftMargin,
  partialBinaryCrossEntropy,
  partialSelectiveLoss,
  type Reduction,
  rankingLoss,
  splcLoss,
} from '../src/index.ts';
import type { Matrix } from './oracle.ts';
import * as oracle from './oracle.ts';

export interface Options {
  readonly reduction?: Reduction;
  readonly known?: tf.Tensor2D;
}

/** A loss that the contract suite runs, beside its oracle. */
export interface Subject {
  readonly name: string;
  /** @param n class frequencies among 1000 training images */
  loss(x: tf.Tensor2D, y: tf.Tensor2D, n: readonly number[], options: Options): tf.Tensor;
  /** Values by image and class, or by image. */
  oracle(x: Matrix, y: Matrix, n: readonly number[]): number[][] | number[];
  /** The oracle whose differences are the gradient, where that is not the whole derivative. */
  along?(x: Matrix, y: Matrix, n: readonly number[], at: Matrix): number[][];
  /** What a mean over partly known entries divides by; no `known` at all if left out. */
  readonly masked?: 'known' | 'all';
  /** One positive in each row. */
  readonly singleLabel?: boolean;
}

export const trainCount = 1000;

export const subjects: readonly Subject[] = [
  {
    name: 'binaryCrossEntropy',
    loss: (x, y, _n, options) => binaryCrossEntropy(x, y, options),
    oracle: oracle.binaryCrossEntropy,
    masked: 'known',
  },
  {
    name: 'multiLabelSoftMargin',
    loss: (x, y, _n, options) => multiLabelSoftMargin(x, y, options),
    oracle: oracle.binaryCrossEntropy,
    masked: 'known',
  },
  {
    name: 'partialBinaryCrossEntropy',
    loss: (x, y, _n, options) => partialBinaryCrossEntropy(x, y, options),
    oracle: oracle.binaryCrossEntropy,
    masked: 'known',
  },
  ...[0, 0.5, 1, 2, 3].map(
    (gamma): Subject => ({
      name: `focalLoss, γ = ${gamma}`,
      loss: (x, y, _n, options) => focalLoss(x, y, { ...options, gamma }),
      oracle: (x, y) =>
        oracle.focal(
          x,
          y,
          gamma,
          0.25,
          x.map((row) => row.map(() => 1)),
        ),
      masked: 'all',
    }),
  ),
  ...[0, 0.5, 2].map(
    (gamma): Subject => ({
      name: `distributionBalancedLoss, γ = ${gamma}`,
      loss: (x, y, n, options) =>
        distributionBalancedLoss(x, y, { trainCount, classCounts: n }, { ...options, focal: { gamma }, lossWeight: 3 }),
      oracle: (x, y, n) => oracle.distributionBalanced(x, y, { n, N: trainCount, gamma, lossWeight: 3 }),
      masked: 'all',
    }),
  ),
  {
    name: 'distributionBalancedLoss without focal factor',
    loss: (x, y, n, options) =>
      distributionBalancedLoss(x, y, { trainCount, classCounts: n }, { ...options, focal: null }),
    oracle: (x, y, n) => oracle.distributionBalanced(x, y, { n, N: trainCount, gamma: 0, balance: 1 }),
    masked: 'known',
  },
  {
    name: 'ldamLoss',
    loss: (x, y, n, options) => ldamLoss(x, y, { trainCount, classCounts: n }, { ...options, scale: 3 }),
    oracle: (x, y, n) => oracle.ldam(x, y, n, 0.5, 3),
    masked: 'known',
  },
  ...[0, 0.5, 1].map(
    (positive): Subject => ({
      name: `asymmetricLoss, γ₊ = ${positive}, constant factor`,
      loss: (x, y, _n, options) => asymmetricLoss(x, y, { ...options, gammaPositive: positive }),
      oracle: (x, y) => oracle.asymmetric(x, y, { negative: 4, positive, clip: 0.05 }),
      along: (x, y, _n, at) => oracle.asymmetric(x, y, { negative: 4, positive, clip: 0.05 }, at),
      masked: 'known',
    }),
  ),
  ...[0, 0.5, 3].map(
    (negative): Subject => ({
      name: `asymmetricLoss, γ₋ = ${negative}, gradient through the factor`,
      loss: (x, y, _n, options) =>
        asymmetricLoss(x, y, { ...options, gammaNegative: negative, factorGradient: true, clip: 0.1 }),
      oracle: (x, y) => oracle.asymmetric(x, y, { negative, positive: 1, clip: 0.1 }),
      masked: 'known',
    }),
  ),
  {
    name: 'kPositiveCrossEntropy',
    loss: (x, y, _n, { reduction }) => kPositiveCrossEntropy(x, y, reduction ? { reduction } : {}),
    oracle: oracle.kPositive,
  },
  ...[0, 0.5, 2].map(
    (gamma): Subject => ({
      name: `asymmetricLossSingleLabel, γ = ${gamma}`,
      loss: (x, y, _n, { reduction = 'mean' }) =>
        asymmetricLossSingleLabel(x, y, { reduction, gammaPositive: gamma, gammaNegative: gamma + 1 }),
      oracle: (x, y) => oracle.asymmetricSingleLabel(x, y, gamma, gamma + 1, 0.1),
      singleLabel: true,
    }),
  ),
  ...[0, 2, 2.5].map(
    (gamma): Subject => ({
      name: `hillLoss, γ = ${gamma}`,
      loss: (x, y, _n, options) => hillLoss(x, y, { ...options, gamma, lambda: 1.7 }),
      oracle: (x, y) => oracle.hill(x, y, 1.7, 1, gamma),
      masked: 'known',
    }),
  ),
  ...[0, 2].map(
    (gamma): Subject => ({
      name: `splcLoss, γ = ${gamma}`,
      loss: (x, y, _n, options) => splcLoss(x, y, { ...options, gamma, epoch: 1 }),
      oracle: (x, y) => oracle.splc(x, y, { threshold: 0.6, margin: 1, gamma }),
      along: (x, y, _n, at) => oracle.splc(x, y, { threshold: 0.6, margin: 1, gamma }, at),
      masked: 'known',
    }),
  ),
  {
    name: 'splcLoss before its change epoch',
    loss: (x, y, _n, options) => splcLoss(x, y, { ...options, epoch: 1, changeEpoch: 2, margin: 0 }),
    oracle: (x, y) => oracle.splc(x, y, { threshold: 1, margin: 0, gamma: 2 }),
    masked: 'known',
  },
  ...[true, false].map(
    (factorGradient): Subject => ({
      name: `multiGrainedFocal, ${factorGradient ? 'gradient through the factor' : 'constant factor'}`,
      loss: (x, y, n, options) =>
        multiGrainedFocal(x, y, { trainCount, classCounts: n }, { ...options, factorGradient, gammaPositive: 0.5 }),
      oracle: (x, y, n) => oracle.multiGrained(x, y, n, { negative: 4, positive: 0.5, clip: 0.05, exponent: 1 / 6 }),
      ...(!factorGradient && {
        along: (x, y, n, at) =>
          oracle.multiGrained(x, y, n, { negative: 4, positive: 0.5, clip: 0.05, exponent: 1 / 6 }, at),
      }),
      masked: 'known',
    }),
  ),
  {
    name: 'partialSelectiveLoss, all known',
    loss: (x, y, _n, { reduction = 'sum' }) => partialSelectiveLoss(x, y, { reduction, gammaNegative: 3, clip: 0.05 }),
    oracle: (x, y) => oracle.asymmetric(x, y, { negative: 3, positive: 0, clip: 0.05 }),
    along: (x, y, _n, at) => oracle.asymmetric(x, y, { negative: 3, positive: 0, clip: 0.05 }, at),
  },
  {
    name: 'balancedSoftmax',
    loss: (x, y, n, { reduction = 'mean' }) =>
      balancedSoftmax(x, y, { trainCount, classCounts: n }, { reduction, tau: 0.7 }),
    oracle: (x, y, n) => oracle.balancedSoftmax(x, y, n, 0.7),
    singleLabel: true,
  },
  ...(['violationMean', 'sum'] as const).map(
    (pairs): Subject => ({
      name: `rankingLoss, ${pairs}`,
      loss: (x, y, _n, options) => rankingLoss(x, y, { ...options, pairs }),
      oracle: (x, y) =>
        oracle.ranking(
          x,
          y,
          x.map((row) => row.map(() => 1)),
          1,
          pairs === 'violationMean',
        ),
    }),
  ),
];
