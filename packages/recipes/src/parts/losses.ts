import {
  asymmetricLoss,
  balancedSoftmax,
  binaryCrossEntropy,
  coOccurrenceShares,
  distributionBalancedLoss,
  distributionBalancedPictures,
  focalLoss,
  hillLoss,
  LabelCorrection,
  ladeLoss,
  ldamLoss,
  logitAdjustment,
  multiGrainedFocal,
  multiLabelSoftMargin,
  type PresetName,
  partialBinaryCrossEntropy,
  partialBinaryCrossEntropyPerImage,
  partialSelectiveLoss,
  presets,
  priorFocalModifier,
  rankingLoss,
  splcLoss,
  twoWayLoss,
} from '@ltml/losses';
import type { ClassStatistics, Criterion, PublishedPictures, ScoreKind } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { type Part, type PartKind, part, partKind } from './part.ts';

/** A loss with its options, and how it reduces over a batch. */
export interface BoundLoss {
  readonly criterion: Criterion;
  readonly reduction: 'mean' | 'sum';
  readonly scores: ScoreKind;
  /** Whether labels may be between 0 and 1. */
  readonly softLabels: boolean;
  /**
   * Class priors that a finished run estimates before training: its folder, and a function that takes the priors. Left
   * out if no run does.
   */
  readonly priors?: { readonly run: string; take(priors: readonly number[]): void };
}

type LossPart<Shape extends z.ZodRawShape> = Part<Shape, ClassStatistics, BoundLoss>;

const reduction = z.enum(['mean', 'sum']).default('mean');
const weight = z.number().nonnegative();
const fraction = z.number().min(0).lt(1);
const clampCounts = z.boolean().optional();

/** Those of the multi-grained focal loss, which the prior focal modifier shares. */
const multiGrainedOptions = {
  gammaPositive: weight.optional(),
  gammaNegative: weight.optional(),
  clip: fraction.optional(),
  epsilon: z.number().positive().optional(),
  exponent: weight.optional(),
  factorGradient: z.boolean().optional(),
};

/** A loss whose options, the reduction among them, are those of the library. */
function loss<const Shape extends z.ZodRawShape>(
  options: Shape,
  bind: (options: z.infer<z.ZodObject<Shape>>, reduction: 'mean' | 'sum', statistics: ClassStatistics) => Criterion,
  kind: { scores?: ScoreKind; softLabels?: (options: z.infer<z.ZodObject<Shape>>) => boolean } = {},
): LossPart<Shape & { reduction: typeof reduction }> {
  const { scores = 'sigmoid', softLabels = () => false } = kind;
  return part({ ...options, reduction }, (given, statistics: ClassStatistics) => {
    const { reduction: chosen, ...rest } = given as { reduction: 'mean' | 'sum' };
    const own = rest as z.infer<z.ZodObject<Shape>>;
    return { criterion: bind(own, chosen, statistics), reduction: chosen, scores, softLabels: softLabels(own) };
  });
}

/** A loss part that only has the reduction `mean`. */
function meanLoss<const Shape extends z.ZodRawShape>(
  options: Shape,
  bind: (options: z.infer<z.ZodObject<Shape>>, statistics: ClassStatistics) => Criterion,
  scores: ScoreKind,
): LossPart<Shape> {
  return part(options, (given, statistics: ClassStatistics) => ({
    criterion: bind(given, statistics),
    reduction: 'mean',
    scores,
    softLabels: false,
  }));
}

/**
 * How losses for missing labels treat unknown labels. `absent` as in their papers, where every label that is not
 * present counts as absent.
 */
const unknown = z.enum(['absent', 'leftOut']).default('absent');

/** Arguments for a loss for missing labels. */
function missing<Options extends object>(
  reading: z.infer<typeof unknown>,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D,
  options: Options,
): [tf.Tensor2D, tf.Tensor2D, Options & { known?: tf.Tensor2D }] {
  if (reading === 'leftOut') return [logits, labels, { ...options, known }];
  return [logits, tf.mul(labels, known), options];
}

const reweight = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('none') }),
  z.strictObject({ by: z.literal('inv') }),
  z.strictObject({ by: z.literal('sqrtInv') }),
  z.strictObject({
    by: z.literal('rebalance'),
    alpha: weight.optional(),
    beta: z.number().positive().optional(),
    mu: z.number().optional(),
  }),
  z.strictObject({
    by: z.literal('classBalanced'),
    beta: fraction.optional(),
    mode: z.enum(['byClass', 'averageN', 'averageW', 'minN']).optional(),
  }),
]);

const ntr = z.strictObject({
  kappa: weight.optional(),
  lambda: z.number().positive().optional(),
  kappaDividedByLambda: z.boolean().optional(),
});

const focal = z.strictObject({
  gamma: weight.optional(),
  balance: weight.optional(),
  scope: z.enum(['element', 'batch']).optional(),
});

/** Names of the published rows, e.g. `vocMlt/DB-Focal`. */
const presetNames = Object.entries(presets).flatMap(([data, family]) =>
  Object.keys(family).map((row) => `${data}/${row}`),
);

/** Default options of the distribution-balanced family: a published row, or else rebalanced weights. */
function presetOf({ preset }: Readonly<Record<string, unknown>>): object {
  if (typeof preset !== 'string' || !presetNames.includes(preset)) return { reweight: { by: 'rebalance' } };
  const [data, row] = preset.split('/') as [keyof typeof presets, PresetName];
  return presets[data][row];
}

/** Losses by name. */
export const losses: PartKind<ClassStatistics, BoundLoss> = partKind({
  'binary-cross-entropy': loss(
    { lossWeight: weight.optional(), thresholds: z.tuple([z.number(), z.number()]).optional() },
    (options, reduction) => (logits, labels, known) =>
      binaryCrossEntropy(logits, labels, { ...options, reduction, known }),
    { softLabels: ({ thresholds }) => thresholds === undefined },
  ),
  'multi-label-soft-margin': loss(
    { classWeight: z.array(weight).optional() },
    (options, reduction) => (logits, labels, known) =>
      multiLabelSoftMargin(logits, labels, { ...options, reduction, known }),
    { softLabels: () => true },
  ),
  'partial-binary-cross-entropy': loss(
    { perImage: z.boolean().default(false) },
    ({ perImage }, reduction) => {
      const loss = perImage ? partialBinaryCrossEntropyPerImage : partialBinaryCrossEntropy;
      return (logits, labels, known) => loss(logits, labels, { reduction, known });
    },
    { softLabels: () => true },
  ),
  focal: loss(
    { gamma: weight.optional(), balance: weight.optional() },
    (options, reduction) => (logits, labels, known) => focalLoss(logits, labels, { ...options, reduction, known }),
  ),
  asymmetric: loss(
    {
      gammaNegative: weight.optional(),
      gammaPositive: weight.optional(),
      clip: fraction.optional(),
      epsilon: z.number().positive().optional(),
      factorGradient: z.boolean().optional(),
    },
    (options, reduction) => (logits, labels, known) => asymmetricLoss(logits, labels, { ...options, reduction, known }),
  ),
  'distribution-balanced': {
    ...loss(
      {
        preset: z.enum(presetNames as [string]).optional(),
        reweight: reweight.optional(),
        ntr: ntr.nullable().optional(),
        focal: focal.nullable().optional(),
        weightNorm: z.enum(['none', 'instance', 'batch']).optional(),
        lossWeight: weight.optional(),
        clampCounts,
      },
      ({ preset: _, ...options }, reduction, statistics) =>
        (logits, labels, known) =>
          distributionBalancedLoss(logits, labels, statistics, { ...options, reduction, known }),
    ),
    base: presetOf,
  },
  ldam: loss(
    { maxMargin: weight.optional(), scale: z.number().positive().optional(), clampCounts },
    (options, reduction, statistics) => (logits, labels, known) =>
      ldamLoss(logits, labels, statistics, { ...options, reduction, known }),
  ),
  'logit-adjusted': loss(
    { tau: z.number().optional(), clampCounts },
    (options, reduction, statistics) => (logits, labels, known) =>
      binaryCrossEntropy(logitAdjustment(logits, statistics, options), labels, { reduction, known }),
    { softLabels: () => true },
  ),
  'two-way': meanLoss(
    {
      positiveTemperature: z.number().positive().optional(),
      negativeTemperature: z.number().positive().optional(),
      direction: z.enum(['both', 'classes', 'images']).optional(),
    },
    (options) => (logits, labels, known) => twoWayLoss(logits, labels, { ...options, known }),
    'sigmoid',
  ),
  hill: loss(
    { lambda: z.number().min(1).optional(), margin: z.number().optional(), gamma: weight.optional(), unknown },
    ({ unknown, ...options }, reduction) =>
      (logits, labels, known) =>
        hillLoss(...missing(unknown, logits, labels, known, { ...options, reduction })),
  ),
  splc: loss(
    {
      changeEpoch: z.number().int().nonnegative().default(1),
      threshold: z.number().gt(0).lt(1).optional(),
      margin: z.number().optional(),
      gamma: weight.optional(),
      unknown,
    },
    ({ unknown, ...options }, reduction) => {
      const criterion: Criterion = (logits, labels, known, epoch) =>
        splcLoss(...missing(unknown, logits, labels, known, { ...options, reduction, epoch }));
      const mode = (epoch: number): string => (epoch >= options.changeEpoch ? 'corrected' : 'as given');
      return Object.assign(criterion, { mode });
    },
  ),
  selective: part(
    {
      mode: z.enum(['negative', 'ignore', 'ignoreNormalized', 'selective']).optional(),
      gammaPositive: weight.optional(),
      gammaNegative: weight.optional(),
      gammaUnknown: weight.optional(),
      alphaPositive: weight.optional(),
      alphaNegative: weight.optional(),
      alphaUnknown: weight.optional(),
      clip: fraction.optional(),
      topK: z.number().int().nonnegative().optional(),
      likelihood: z.enum(['batch', 'image']).optional(),
      /**
       * Class priors: from known labels, a list with one for each class, or estimated by the model of a finished run.
       */
      priors: z
        .union([
          z.literal('known'),
          z.array(z.number().min(0).max(1)),
          z.strictObject({ run: z.string().min(1).describe('Folder of the run or of its model') }),
        ])
        .optional(),
      priorThreshold: z.number().min(0).max(1).optional(),
      reduction,
    },
    ({ priors, ...options }, { classCounts, trainCount }) => {
      const run = typeof priors === 'object' && 'run' in priors ? priors.run : undefined;
      let shares =
        priors === 'known' ? classCounts.map((n) => n / trainCount) : Array.isArray(priors) ? priors : undefined;
      const take = (estimated: readonly number[]): void => {
        shares = [...estimated];
      };
      return {
        criterion: (logits, labels, known) =>
          partialSelectiveLoss(logits, labels, { ...options, known, priors: shares }),
        reduction: options.reduction,
        scores: 'sigmoid',
        softLabels: false,
        ...(run !== undefined && { priors: { run, take } }),
      };
    },
  ),
  'multi-grained-focal': loss(
    {
      ...multiGrainedOptions,
      clampCounts,
      correction: z
        .strictObject({
          weight: weight.default(0.2),
          // The authors count epochs from 1, LTML from 0.
          computeEpoch: z.number().int().nonnegative().default(0),
          threshold: z.number().gt(0).lt(1).optional(),
          margin: z.number().optional(),
          batchSize: z.number().positive().optional(),
        })
        .nullable()
        .default(null)
        .describe('Add reflective label correction; null: none'),
    },
    ({ correction, ...options }, reduction, statistics) => {
      const focal: Criterion = (logits, labels, known) =>
        multiGrainedFocal(logits, labels, statistics, { ...options, reduction, known });
      if (!correction) return focal;
      const { weight, ...own } = correction;
      // The correction's `gammaNegative` is a different option.
      const { gammaNegative: _, ...shared } = options;
      const state = new LabelCorrection(statistics, { ...shared, ...own });
      const criterion: Criterion = (logits, labels, known, epoch) => {
        const sum = tf.mul(state.loss(logits, labels, { epoch, known }), weight);
        // A sum over entries, like the published loss that it is added to.
        const corrected = reduction === 'sum' ? sum : tf.div(sum, tf.maximum(tf.sum(known), 1));
        return tf.add(focal(logits, labels, known, epoch), corrected);
      };
      // The epoch is a constant of a compiled step. So each epoch gets its own step once the correction is active.
      const mode = (epoch: number): string => (epoch >= own.computeEpoch ? `epoch ${epoch}` : 'as given');
      return Object.assign(criterion, { mode, state });
    },
  ),
  'prior-focal-modifier': loss(
    {
      ...multiGrainedOptions,
      negativeScale: z.number().positive().optional(),
      clampCounts,
    },
    (options, reduction, statistics) => {
      const C = statistics.classCounts.length;
      // Computed at the first call: a loaded model has no counts of pairs, and does not need them.
      let values: Float32Array | undefined;
      return (logits, labels, known) => {
        values ??= sharesOf(statistics.cooccurrence, options.clampCounts ?? false);
        const shares = tf.tensor2d(values, [C, C]);
        return priorFocalModifier(logits, labels, statistics, shares, { ...options, reduction, known });
      };
    },
  ),
  'balanced-softmax': loss(
    { tau: z.number().optional(), clampCounts },
    (options, reduction, statistics) => (logits, labels) =>
      balancedSoftmax(logits, labels, statistics, { ...options, reduction }),
    { scores: 'softmax' },
  ),
  lade: meanLoss(
    { lambda: weight.optional(), alpha: weight.optional() },
    (options, statistics) => (logits, labels) => ladeLoss(logits, labels, statistics, options),
    'softmax',
  ),
  ranking: loss(
    { margin: z.number().positive().optional(), pairs: z.enum(['violationMean', 'sum']).optional() },
    (options, reduction) => (logits, labels, known) => rankingLoss(logits, labels, { ...options, reduction, known }),
    { scores: 'relative' },
  ),
});

/** Co-occurrence shares [C, C], see `coOccurrenceShares`. @param clamp count a class without images as if it had one */
function sharesOf(cooccurrence: ClassStatistics['cooccurrence'], clamp: boolean): Float32Array {
  const counts = cooccurrence.map((row, c) => row.map((n, k) => (clamp && c === k ? Math.max(n, 1) : n)));
  return tf.tidy(() => coOccurrenceShares(counts).dataSync<'float32'>());
}

/** How papers of losses prepare pictures, by the name of the loss. */
export const lossPictures: Readonly<Record<string, PublishedPictures>> = {
  'distribution-balanced': distributionBalancedPictures,
};
