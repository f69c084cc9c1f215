import * as tf from '@tensorflow/tfjs-core';
import * as losses from '../src/index.ts';
import { type ClassFrequencies, presets, type Reweighting } from '../src/index.ts';

/** A way to call something that takes labels. */
export interface Edge {
  readonly name: string;
  /** The exported function. */
  readonly of: string;
  /** What it makes of logits [B, C] and labels [B, C]; tensors of weights do without the logits. */
  run(x: tf.Tensor2D, y: tf.Tensor2D, options: EdgeOptions): tf.Tensor;
  /** Takes `known`. */
  readonly masked?: boolean;
  /** Labels may lie between 0 and 1. */
  readonly soft?: boolean;
  /** Takes `reduction`; `rows` has one value for each image. */
  readonly reduces?: 'entries' | 'rows' | 'mean';
}

export interface EdgeOptions {
  readonly reduction?: losses.Reduction;
  readonly known?: tf.Tensor2D;
}

/** Frequencies of C classes among 1000 images. */
export function statisticsOf(C: number): ClassFrequencies {
  return { trainCount: 1000, classCounts: Array.from({ length: C }, (_, c) => 3 + ((37 * c) % 400)) };
}

function weightsLike(y: tf.Tensor2D): tf.Tensor2D {
  const [B, C] = y.shape;
  return tf.tensor2d(
    Float32Array.from({ length: B * C }, (_, i) => 0.5 + (i % 3)),
    [B, C],
  );
}

const entries = { masked: true, reduces: 'entries' } as const;
const rows = { masked: true, reduces: 'rows' } as const;

const rules: readonly Reweighting[] = [
  { by: 'inv' },
  { by: 'sqrtInv' },
  { by: 'rebalance' },
  ...(['byClass', 'averageN', 'averageW', 'minN'] as const).map((mode): Reweighting => ({ by: 'classBalanced', mode })),
];

/** Every exported function that takes labels, in the ways that take other paths through it. */
export const edges: readonly Edge[] = [
  {
    name: 'binaryCrossEntropy',
    of: 'binaryCrossEntropy',
    run: (x, y, o) => losses.binaryCrossEntropy(x, y, o),
    ...entries,
    soft: true,
  },
  {
    name: 'binaryCrossEntropy with weights',
    of: 'binaryCrossEntropy',
    run: (x, y, o) =>
      losses.binaryCrossEntropy(x, y, { ...o, weight: weightsLike(y), classWeight: y.shape[1] > 0 ? ones(y) : [] }),
    ...entries,
    soft: true,
  },
  {
    name: 'binaryCrossEntropy with positive weights',
    of: 'binaryCrossEntropy',
    run: (x, y, o) => losses.binaryCrossEntropy(x, y, { ...o, positiveWeight: ones(y) }),
    ...entries,
    soft: true,
  },
  {
    name: 'binaryCrossEntropy with thresholds',
    of: 'binaryCrossEntropy',
    run: (x, y, o) => losses.binaryCrossEntropy(x, y, { ...o, thresholds: [0.1, 0.9] }),
    ...entries,
  },
  {
    name: 'multiLabelSoftMargin',
    of: 'multiLabelSoftMargin',
    run: (x, y, o) => losses.multiLabelSoftMargin(x, y, o),
    ...entries,
    soft: true,
  },
  {
    name: 'partialBinaryCrossEntropy',
    of: 'partialBinaryCrossEntropy',
    run: (x, y, o) => losses.partialBinaryCrossEntropy(x, y, o),
    ...entries,
    soft: true,
  },
  {
    name: 'partialBinaryCrossEntropyPerImage',
    of: 'partialBinaryCrossEntropyPerImage',
    run: (x, y, o) => losses.partialBinaryCrossEntropyPerImage(x, y, o),
    ...rows,
    soft: true,
  },
  { name: 'focalLoss', of: 'focalLoss', run: (x, y, o) => losses.focalLoss(x, y, o), ...entries },
  {
    name: 'focalLoss with weights',
    of: 'focalLoss',
    run: (x, y, o) => losses.focalLoss(x, y, { ...o, weight: weightsLike(y), gamma: 1.5 }),
    ...entries,
  },
  {
    name: 'asymmetricLoss',
    of: 'asymmetricLoss',
    run: (x, y, o) => losses.asymmetricLoss(x, y, { reduction: 'mean', ...o, factorGradient: true }),
    ...entries,
  },
  {
    name: 'asymmetricLossSingleLabel',
    of: 'asymmetricLossSingleLabel',
    run: (x, y, o) => losses.asymmetricLossSingleLabel(x, y, o),
    reduces: 'rows',
  },
  {
    name: 'kPositiveCrossEntropy',
    of: 'kPositiveCrossEntropy',
    run: (x, y, o) => losses.kPositiveCrossEntropy(x, y, o),
    reduces: 'entries',
    soft: true,
  },
  {
    name: 'hillLoss',
    of: 'hillLoss',
    run: (x, y, o) => losses.hillLoss(x, y, { reduction: 'mean', ...o }),
    ...entries,
  },
  {
    name: 'splcLoss',
    of: 'splcLoss',
    run: (x, y, o) => losses.splcLoss(x, y, { reduction: 'mean', ...o, epoch: 1 }),
    ...entries,
  },
  {
    name: 'splcPseudoLabels',
    of: 'splcPseudoLabels',
    run: (x, y, { known }) => losses.splcPseudoLabels(x, y, { epoch: 1, ...(known && { known }) }),
    masked: true,
  },
  ...(['ignore', 'ignoreNormalized'] as const).map(
    (mode): Edge => ({
      name: `partialSelectiveLoss, ${mode}`,
      of: 'partialSelectiveLoss',
      run: (x, y, o) => losses.partialSelectiveLoss(x, y, { reduction: 'mean', ...o, mode }),
      ...entries,
    }),
  ),
  ...(['negative', 'selective'] as const).map(
    (mode): Edge => ({
      name: `partialSelectiveLoss, ${mode}`,
      of: 'partialSelectiveLoss',
      run: (x, y, o) =>
        tf.tidy(() => losses.partialSelectiveLoss(x, y, { reduction: 'mean', ...o, mode, known: halfOf(y) })),
      reduces: 'entries',
    }),
  ),
  {
    name: 'partialSelectiveWeights',
    of: 'partialSelectiveWeights',
    run: (x, y) => tf.tidy(() => losses.partialSelectiveWeights(x, y, { mode: 'selective', known: halfOf(y) })),
  },
  {
    name: 'multiGrainedFocal',
    of: 'multiGrainedFocal',
    run: (x, y, o) => losses.multiGrainedFocal(x, y, statisticsOf(y.shape[1]), { reduction: 'mean', ...o }),
    ...entries,
  },
  {
    name: 'priorFocalModifier',
    of: 'priorFocalModifier',
    run: (x, y, o) =>
      tf.tidy(() => {
        const C = y.shape[1];
        return losses.priorFocalModifier(x, y, statisticsOf(C), together(C), { reduction: 'mean', ...o });
      }),
    ...entries,
  },
  {
    name: 'reflectLabels',
    of: 'reflectLabels',
    run: (x, y, { known }) => tf.tidy(() => reflect(x, y, known).labels),
    masked: true,
  },
  {
    name: 'reflectiveLabelCorrection',
    of: 'reflectiveLabelCorrection',
    run: (x, y, { known }) =>
      tf.tidy(() => losses.reflectiveLabelCorrection(x, y, reflect(x, y, known), known ? { known } : {})),
    masked: true,
    reduces: 'mean',
  },
  {
    name: 'twoWayLoss',
    of: 'twoWayLoss',
    run: (x, y, { known }) => losses.twoWayLoss(x, y, known ? { known } : {}),
    masked: true,
    reduces: 'mean',
  },
  {
    name: 'balancedSoftmax',
    of: 'balancedSoftmax',
    run: (x, y, o) => losses.balancedSoftmax(x, y, statisticsOf(y.shape[1]), o),
    reduces: 'rows',
  },
  {
    name: 'ladeLoss',
    of: 'ladeLoss',
    run: (x, y) => losses.ladeLoss(x, y, statisticsOf(y.shape[1])),
    reduces: 'mean',
  },
  {
    name: 'ladeRegularizer',
    of: 'ladeRegularizer',
    run: (x, y) => losses.ladeRegularizer(x, y, statisticsOf(y.shape[1])),
    reduces: 'mean',
  },
  {
    name: 'ldamLoss',
    of: 'ldamLoss',
    run: (x, y, o) => losses.ldamLoss(x, y, statisticsOf(y.shape[1]), { ...o, scale: 2 }),
    ...entries,
  },
  { name: 'rankingLoss', of: 'rankingLoss', run: (x, y, o) => losses.rankingLoss(x, y, o), ...rows },
  {
    name: 'rankingViolations',
    of: 'rankingViolations',
    run: (x, y, { known }) => losses.rankingViolations(x, y, known ? { known } : {}),
    masked: true,
  },
  ...Object.entries(presets.cocoMlt).map(
    ([name, preset]): Edge => ({
      name: `distributionBalancedLoss, ${name}`,
      of: 'distributionBalancedLoss',
      run: (x, y, o) => losses.distributionBalancedLoss(x, y, statisticsOf(y.shape[1]), { ...preset, ...o }),
      ...entries,
    }),
  ),
  {
    name: 'distributionBalancedLoss, one focal factor',
    of: 'distributionBalancedLoss',
    run: (x, y, o) =>
      losses.distributionBalancedLoss(x, y, statisticsOf(y.shape[1]), { ...o, focal: { scope: 'batch' } }),
    masked: true,
    reduces: 'mean',
  },
  ...(['weights', 'regularizedWeights', 'regularizedLogits'] as const).map(
    (part): Edge => ({
      name: `distributionBalancedParts, ${part}`,
      of: 'distributionBalancedParts',
      run: (x, y) => {
        const { [part]: wanted, ...rest } = losses.distributionBalancedParts(x, y, statisticsOf(y.shape[1]));
        tf.dispose(rest);
        return wanted;
      },
    }),
  ),
  { name: 'repeatRate', of: 'repeatRate', run: (_, y) => losses.repeatRate(y, statisticsOf(y.shape[1])) },
  {
    name: 'rebalancedWeights',
    of: 'rebalancedWeights',
    run: (_, y) => losses.rebalancedWeights(y, statisticsOf(y.shape[1])),
  },
  {
    name: 'classBalancedWeights',
    of: 'classBalancedWeights',
    run: (_, y) => losses.classBalancedWeights(y, statisticsOf(y.shape[1])),
  },
  ...rules.map(
    (rule): Edge => ({
      name: `reweight, ${JSON.stringify(rule)}`,
      of: 'reweight',
      run: (_, y) => losses.reweight(y, statisticsOf(y.shape[1]), rule) as tf.Tensor2D,
    }),
  ),
];

/** Exported functions that take no labels. */
export const withoutLabels: readonly string[] = [
  'ClassPrior',
  'LabelCorrection',
  'checkFinite',
  'classShares',
  'classStatistics',
  'coOccurrenceShares',
  'cosineSimilarityLoss',
  'effectiveNumber',
  'frequencyGroups',
  'gcnAdjacency',
  'ldamMargins',
  'logitAdjustment',
  'logitOffsets',
  'negativeTolerantShift',
  'reconstructionLoss',
];

function ones(y: tf.Tensor2D): number[] {
  return new Array<number>(y.shape[1]).fill(1);
}

/** [B, C] 1 for every other entry. */
function halfOf(y: tf.Tensor2D): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: y.size }, (_, i) => i % 2),
    y.shape,
  );
}

/** Shares of co-occurrences of C classes. */
function together(C: number): tf.Tensor2D {
  return losses.coOccurrenceShares(
    Array.from({ length: C }, (_, j) => Array.from({ length: C }, (__, k) => (j === k ? 50 : (7 * j + 3 * k) % 11))),
  );
}

function reflect(x: tf.Tensor2D, y: tf.Tensor2D, known: tf.Tensor2D | undefined): losses.ReflectedLabels {
  const initial = tf.tensor1d([...statisticsOf(y.shape[1]).classCounts]);
  const state = { initial, counts: initial, epoch: 0 };
  return losses.reflectLabels(x, y, state, { epoch: 1, ...(known && { known }) });
}
