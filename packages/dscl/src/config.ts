import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import type { EmptyPositives } from './target-weights.ts';

/** Configuration of DSCL, of its parts alone, and of both training stages. */
export interface DsclConfig {
  /** `scl`: the own key has the weight of any other positive. `dscl`: it has the weight α. */
  readonly loss: 'scl' | 'dscl';
  /** α of DSCL, in [0, 1]. */
  readonly alpha: number;
  /** τ of every softmax. */
  readonly temperature: number;
  /** The keys that an anchor is compared with; see {@link ContrastOptions}. */
  readonly candidates: 'queue' | 'inbatch';
  /** The loss of an anchor without positives. */
  readonly emptyPositives: EmptyPositives;
  /** Added to the sums of exponentials in the contrastive loss. */
  readonly epsilon: number;
  /** β of class-balanced anchor weights, by the effective number of images (Cui et al. 2019). Null: no weights. */
  readonly reweightBeta: number | null;
  /** D, width of the projection. */
  readonly dimension: number;
  /** The queue of past keys. */
  readonly queue: {
    /** K, number of keys. */
    readonly size: number;
    /** `fifo`: one ring buffer for all classes. `balanced`: one of the same size for each class (a baseline). */
    readonly kind: 'fifo' | 'balanced';
    /** The content before training; see {@link LabelledQueueOptions}. */
    readonly start: 'random' | 'empty';
  };
  /** m, momentum of the key encoder. */
  readonly encoderMomentum: number;
  /** S, side of the query and key view, in pixels. */
  readonly viewSize: number;
  /** The patches of each image. */
  readonly patches: {
    /** Use of the patches: self-distillation (`pbsd`), further views of the anchor (`multicrop`), or `none`. */
    readonly loss: 'pbsd' | 'multicrop' | 'none';
    /** L, patches per image. */
    readonly count: number;
    /** s, side of a patch, in pixels. */
    readonly size: number;
    /** λ, weight of the patch loss. */
    readonly weight: number;
    /** `separate`: one forward pass for each patch index, with its own batch statistics. `joined`: one pass for all. */
    readonly forward: 'separate' | 'joined';
    /** Recomputes the activations of the patches in the backward pass, which saves memory. */
    readonly recompute: boolean;
  };
  /** The first stage: contrastive pretraining of the encoder. */
  readonly pretrain: TrainingConfig;
  /** The second stage: a linear classifier on the frozen encoder. */
  readonly classify: TrainingConfig & {
    /** Whether the batch norms of the frozen encoder use and update batch statistics (`train`), or use running ones. */
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
 * Schema of {@link DsclConfig}. The defaults are the paper's for ImageNet-LT, from its supplementary and the released
 * script, with the candidates of equation 2. The learning rates fit batches of 256 images in the first stage and 2,048
 * in the second.
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

/** Configurations of the rows of the paper's tables. */
export const dsclPresets: Readonly<Record<DsclPreset, DsclConfig>> = {
  /** The whole method. */
  'dscl-pbsd': dsclConfigSchema.parse({}),
  scl: dsclConfigSchema.parse({ loss: 'scl', ...without }),
  'scl-balanced-queue': dsclConfigSchema.parse({ loss: 'scl', queue: { kind: 'balanced' }, ...without }),
  /** The table does not give β. This is the value of Cui et al. (2019) for large data sets. */
  'scl-reweighted': dsclConfigSchema.parse({ loss: 'scl', reweightBeta: 0.9999, ...without }),
  dscl: dsclConfigSchema.parse(without),
  'scl-pbsd': dsclConfigSchema.parse({ loss: 'scl' }),
  'dscl-multicrop': dsclConfigSchema.parse({ patches: { loss: 'multicrop' } }),
  /** `dscl-pbsd` exactly as in the authors' code. */
  released: dsclConfigSchema.parse({ candidates: 'inbatch', epsilon: 1e-12 }),
};

/** Names of the presets. */
export type DsclPreset =
  | 'scl'
  | 'scl-balanced-queue'
  | 'scl-reweighted'
  | 'dscl'
  | 'scl-pbsd'
  | 'dscl-multicrop'
  | 'dscl-pbsd'
  | 'released';
