import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type ContrastiveConfig, contrastiveSchema } from '../contrastive-config.ts';
import { type SsgrlConfig, ssgrlShape } from '../ssgrl-config.ts';
import type { MarginConfig } from './margin.ts';

/** SST or HST, and how it is trained. */
export interface TransferConfig extends TrainingConfig, SsgrlConfig {
  /** The first epoch with pseudo-labels, counted from 0. */
  readonly from: number;
  readonly margin: MarginConfig;
  /** Labels by what the image is known to show besides; null for none. */
  readonly intra: IntraConfig | null;
  /** Labels by images that are known to show the class; null for none. */
  readonly inter: InterConfig | null;
  readonly contrastive: ContrastiveConfig | null;
}

/** Intra-image semantic transfer. */
export interface IntraConfig {
  /** Of the cross-entropy on the labels it finds. */
  readonly weight: number;
  /** See `CoOccurrenceOptions`. */
  readonly pairFeatures: number;
  readonly hiddenFeatures: number;
  /** The asymmetric loss by which co-occurrence is learned from pairs of known labels. */
  readonly loss: {
    readonly weight: number;
    readonly gammaPositive: number;
    readonly gammaNegative: number;
    readonly clip: number;
  };
}

/** Cross-image semantic transfer. */
export interface InterConfig {
  /** Of the cross-entropy on the labels it finds. */
  readonly weight: number;
  readonly references: QueueConfig | PrototypesConfig;
}

/** The latest features of each class. */
export interface QueueConfig {
  readonly name: 'queue';
  /** Features held of each class. */
  readonly size: number;
}

/** Prototypes of each class, see `classPrototypes`. */
export interface PrototypesConfig {
  readonly name: 'prototypes';
  readonly count: number;
  /** Epochs from one computation to the next. */
  readonly every: number;
  readonly samples: number | null;
  /** Weight of `prototypeDistance`. */
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

/** Defaults are those of the preset `sst`. */
export const transferConfigSchema: z.ZodType<TransferConfig> = z.strictObject({
  // Adam with coupled L2.
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

/** Name of a preset: HST or SST. */
export type TransferPreset = 'hst' | 'sst';

/**
 * The published settings; batches of 16 for SST and of 32 for HST.
 *
 * Sources: Chen et al. (SST), AAAI 2022; Chen et al. (HST), IJCV 2024; weights, sizes and margins of their released code.
 */
export const transferPresets: Readonly<Record<TransferPreset, TransferConfig>> = {
  hst: transferConfigSchema.parse({
    margin: { name: 'learned' },
    intra: { weight: 0.1 },
    inter: { weight: 0.1, references: { name: 'prototypes' } },
  }),
  sst: transferConfigSchema.parse({}),
};
