import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import type { EmptyPositives } from './target-weights.ts';

/** DSCL with or without its parts, and how both stages train. */
export interface DsclConfig {
  /** `scl` weighs the own key like any positive, `dscl` gives it the share α. */
  readonly loss: 'scl' | 'dscl';
  /** α of DSCL. */
  readonly alpha: number;
  /** τ of all softmaxes. */
  readonly temperature: number;
  readonly candidates: 'queue' | 'inbatch';
  readonly emptyPositives: EmptyPositives;
  /** Added to sums of exponentials of the contrastive loss. */
  readonly epsilon: number;
  /** Class-balanced weights of anchors by the effective number of images (Cui et al. 2019) with this β; null for none. */
  readonly reweightBeta: number | null;
  /** D of the projection. */
  readonly dimension: number;
  readonly queue: {
    /** K */
    readonly size: number;
    /** One ring for all, or one for each class: the baseline of equal shares. */
    readonly kind: 'fifo' | 'balanced';
    readonly start: 'random' | 'empty';
  };
  /** m of the key encoder. */
  readonly encoderMomentum: number;
  /** S, side of the query and key view in pixels. */
  readonly viewSize: number;
  readonly patches: {
    /** What patches are for: PBSD, more views of the anchor (`multicrop`), or nothing. */
    readonly loss: 'pbsd' | 'multicrop' | 'none';
    /** L */
    readonly count: number;
    /** s, side in pixels. */
    readonly size: number;
    /** λ */
    readonly weight: number;
    /** One pass of the encoder for each patch index, each with batch statistics of its own, or one for all. */
    readonly forward: 'separate' | 'joined';
    /** Compute the patches' activations anew in the backward pass instead of keeping them. */
    readonly recompute: boolean;
  };
  /** Learns the encoder by comparison. */
  readonly pretrain: TrainingConfig;
  /** Trains a linear classifier on it. */
  readonly classify: TrainingConfig & {
    /** Whether the frozen encoder's batch norms use and track batch statistics (`train`), or their running ones. */
    readonly batchNorm: 'train' | 'eval';
  };
}

const share = z.number().min(0).max(1);
const size = z.int().positive().max(65_536);

const queueSchema = z.strictObject({
  size: z.int().positive().max(1e8).default(65_536),
  kind: z.enum(['fifo', 'balanced']).default('fifo'),
  start: z.enum(['random', 'empty']).default('random'),
});

const patchesSchema = z.strictObject({
  loss: z.enum(['pbsd', 'multicrop', 'none']).default('pbsd'),
  count: z.int().positive().max(1000).default(5),
  size: size.max(4096).default(64),
  weight: z.number().nonnegative().default(1.5),
  forward: z.enum(['separate', 'joined']).default('separate'),
  recompute: z.boolean().default(false),
});

const pretrainSchema: z.ZodType<DsclConfig['pretrain']> = z.strictObject(
  trainingShape({
    epochs: 200,
    optimizer: { name: 'sgd', learningRate: 0.1, weightDecay: 5e-4 },
    schedule: { name: 'cosine', warmup: { epochs: 10 } },
  }),
);

const classifySchema: z.ZodType<DsclConfig['classify']> = z.strictObject({
  ...trainingShape({
    epochs: 40,
    optimizer: { name: 'sgd', learningRate: 10 },
    schedule: { name: 'multiStep', milestones: [20, 30] },
  }),
  batchNorm: z.enum(['train', 'eval']).default('train'),
});

/**
 * Defaults are the paper's for ImageNet-LT, from its supplementary and the released script, with the candidates of
 * equation 2. Rates are for batches of 256 images in the first stage and 2,048 in the second.
 */
export const dsclConfigSchema: z.ZodType<DsclConfig> = z
  .strictObject({
    loss: z.enum(['scl', 'dscl']).default('dscl'),
    alpha: share.default(1 / 9),
    temperature: z.number().positive().default(0.07),
    candidates: z.enum(['queue', 'inbatch']).default('queue'),
    emptyPositives: z.enum(['renormalize', 'insideExp', 'timesLogP', 'skip']).default('renormalize'),
    epsilon: z.number().nonnegative().default(0),
    reweightBeta: z.number().min(0).lt(1).nullable().default(null),
    dimension: size.default(128),
    queue: queueSchema.prefault({}),
    encoderMomentum: share.default(0.999),
    viewSize: size.max(4096).default(224),
    patches: patchesSchema.prefault({}),
    pretrain: pretrainSchema.prefault({}),
    classify: classifySchema.prefault({}),
  })
  .refine(({ queue }) => queue.kind === 'fifo' || queue.start === 'random', {
    path: ['queue', 'start'],
    message: 'a balanced queue starts with random keys',
  });

const without = { patches: { loss: 'none' } };

/** Configurations by name: the rows of the paper's tables. */
export const dsclPresets: Readonly<Record<DsclPreset, DsclConfig>> = {
  /** The method as a whole. */
  'dscl-pbsd': dsclConfigSchema.parse({}),
  scl: dsclConfigSchema.parse({ loss: 'scl', ...without }),
  'scl-balanced-queue': dsclConfigSchema.parse({ loss: 'scl', queue: { kind: 'balanced' }, ...without }),
  /** β is that of the paper's reference for large data sets; the table does not give it. */
  'scl-reweighted': dsclConfigSchema.parse({ loss: 'scl', reweightBeta: 0.9999, ...without }),
  dscl: dsclConfigSchema.parse(without),
  'scl-pbsd': dsclConfigSchema.parse({ loss: 'scl' }),
  'dscl-multicrop': dsclConfigSchema.parse({ patches: { loss: 'multicrop' } }),
  /** `dscl-pbsd` to the letter of the authors' code. */
  released: dsclConfigSchema.parse({ candidates: 'inbatch', epsilon: 1e-12 }),
};

/** Name of a preset of DSCL. */
export type DsclPreset =
  | 'scl'
  | 'scl-balanced-queue'
  | 'scl-reweighted'
  | 'dscl'
  | 'scl-pbsd'
  | 'dscl-multicrop'
  | 'dscl-pbsd'
  | 'released';
