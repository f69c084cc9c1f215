import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type ContrastiveConfig, contrastiveSchema } from '../contrastive-config.ts';
import { type SsgrlConfig, ssgrlShape } from '../ssgrl-config.ts';
import type { MarginConfig } from './margin.ts';

/** Configuration of SST or HST and of its training. */
export interface TransferConfig extends TrainingConfig, SsgrlConfig {
  /** The first epoch with pseudo-labels, counted from 0. Default 5. */
  readonly from: number;
  /** The threshold of the pseudo-labels. */
  readonly margin: MarginConfig;
  /** Pseudo-labels from the other known classes of the same image; null: none. */
  readonly intra: IntraConfig | null;
  /** Pseudo-labels from other images that are known to show the class; null: none. */
  readonly inter: InterConfig | null;
  /** The contrastive loss; null: none. */
  readonly contrastive: ContrastiveConfig | null;
}

/** Configuration of intra-image semantic transfer. */
export interface IntraConfig {
  /** Weight of the cross-entropy on its pseudo-labels. Default 1. */
  readonly weight: number;
  /** See `CoOccurrenceOptions`. */
  readonly pairFeatures: number;
  /** See `CoOccurrenceOptions`. */
  readonly hiddenFeatures: number;
  /** The asymmetric loss of the co-occurrence branch, on pairs of known labels. */
  readonly loss: {
    readonly weight: number;
    readonly gammaPositive: number;
    readonly gammaNegative: number;
    readonly clip: number;
  };
}

/** Configuration of cross-image semantic transfer. */
export interface InterConfig {
  /** Weight of the cross-entropy on its pseudo-labels. Default 1. */
  readonly weight: number;
  /** The features of known positives that an image is compared with. */
  readonly references: QueueConfig | PrototypesConfig;
}

/** A queue of the latest features of each class. */
export interface QueueConfig {
  readonly name: 'queue';
  /** Features kept of each class. Default 100. */
  readonly size: number;
}

/** Prototypes of each class, see `classPrototypes`. */
export interface PrototypesConfig {
  readonly name: 'prototypes';
  /** K, prototypes of a class. Default 10. */
  readonly count: number;
  /** Epochs between two computations of the prototypes. Default 5. */
  readonly every: number;
  /** Maximum number of feature vectors kept for the computation, or null for all. Default 65,536. */
  readonly samples: number | null;
  /** Weight of `prototypeDistance`. Default 0.05. */
  readonly distance: number;
}

const weight = z.number().nonnegative();
const size = z.int().positive().max(65_536);

const margin = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('falling'),
    start: z.number().min(0).max(1).default(0.95),
    end: z.number().min(0).max(1).default(0.75),
    epochs: z.int().positive().max(1e6).default(8),
  }),
  z.strictObject({
    name: z.literal('learned'),
    start: z.number().min(0).max(1).default(1),
    learningRate: z.number().positive().nullable().default(null),
  }),
]);

const intra = z.strictObject({
  weight: weight.default(1),
  pairFeatures: size.default(512),
  hiddenFeatures: size.default(1024),
  loss: z
    .strictObject({
      weight: weight.default(10),
      gammaPositive: weight.default(1),
      gammaNegative: weight.default(2),
      clip: z.number().min(0).lt(1).default(0.05),
    })
    .prefault({}),
});

const inter = z.strictObject({
  weight: weight.default(1),
  references: z
    .discriminatedUnion('name', [
      z.strictObject({ name: z.literal('queue'), size: size.default(100) }),
      z.strictObject({
        name: z.literal('prototypes'),
        count: size.default(10),
        every: z.int().positive().max(1e6).default(5),
        samples: z.int().positive().max(1e8).nullable().default(65_536),
        distance: weight.default(0.05),
      }),
    ])
    .prefault({ name: 'queue' }),
});

/** Schema of {@link TransferConfig}. The defaults are the preset `sst`. */
export const transferConfigSchema: z.ZodType<TransferConfig> = z.strictObject({
  // Weight decay is coupled: an L2 term in the gradient, as in PyTorch's Adam.
  ...trainingShape({
    epochs: 20,
    optimizer: { name: 'adam', learningRate: 1e-5, weightDecay: 5e-4 },
    schedule: { name: 'step', every: 10 },
  }),
  ...ssgrlShape,
  from: z.int().nonnegative().max(1e6).default(5),
  margin: margin.prefault({ name: 'falling' }),
  intra: intra.nullable().prefault({}),
  inter: inter.nullable().prefault({}),
  contrastive: contrastiveSchema,
});

/** Names of the presets. */
export type TransferPreset = 'hst' | 'sst';

/**
 * The published settings. Use batches of 16 for SST and of 32 for HST.
 *
 * Sources: Chen et al. (SST), AAAI 2022; Chen et al. (HST), IJCV 2024; weights, sizes and margins of their released
 * code.
 */
export const transferPresets: Readonly<Record<TransferPreset, TransferConfig>> = {
  hst: transferConfigSchema.parse({
    margin: { name: 'learned' },
    intra: { weight: 0.1 },
    inter: { weight: 0.1, references: { name: 'prototypes' } },
  }),
  sst: transferConfigSchema.parse({}),
};
