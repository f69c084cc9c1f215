import { type Freezing, isPattern } from '@ltml/tensor';
import { z } from 'zod';
import { type OptimizerConfig, optimizerConfigSchema } from './optimizer-config.ts';
import { type ScheduleConfig, scheduleConfigSchema, type WarmupConfig, warmupConfigSchema } from './schedule-config.ts';

/** A linear classifier and how it is trained. */
export interface ClassifierConfig {
  readonly epochs: number;
  /** The neck between features and head; none for a plain linear head. */
  readonly neck: NeckConfig | null;
  /** What of the encoder does not train; without effect on cached features. By default no norm uses its batch. */
  readonly freeze: Freezing;
  readonly optimizer: OptimizerConfig;
  readonly schedule: ScheduleConfig;
  readonly warmup: WarmupConfig | null;
  /** Global L2 norm to which gradients are clipped. */
  readonly maxGradientNorm: number | null;
  /** Decay of the averaged weights that are evaluated. */
  readonly averageDecay: number | null;
}

/** See {@link PfcNeckOptions}. */
export interface NeckConfig {
  readonly width: number;
  readonly layers: 1 | 2;
  readonly dropout: number;
  readonly leakyRelu: boolean;
}

const neckSchema: z.ZodType<NeckConfig> = z.strictObject({
  width: z.int().positive().max(65_536).default(256),
  layers: z.union([z.literal(1), z.literal(2)]).default(1),
  dropout: z.number().min(0).lt(1).default(0.5),
  leakyRelu: z.boolean().default(false),
});

const pattern = z.string().refine(isPattern, 'not a regular expression').nullable();

const freezeSchema: z.ZodType<Freezing> = z.strictObject({
  parameters: pattern.default(null),
  statistics: pattern.default(''),
});

/** Defaults are those of the preset `linear`. */
export const classifierConfigSchema: z.ZodType<ClassifierConfig> = z.strictObject({
  epochs: z.int().positive().max(1e6).default(20),
  neck: neckSchema.nullable().default(null),
  freeze: freezeSchema.prefault({}),
  optimizer: optimizerConfigSchema.prefault({ name: 'adamw', learningRate: 1e-3, weightDecay: 1e-4 }),
  schedule: scheduleConfigSchema.default({ name: 'cosine' }),
  warmup: warmupConfigSchema.nullable().default(null),
  maxGradientNorm: z.number().positive().nullable().default(null),
  averageDecay: z.number().min(0).max(1).nullable().default(null),
});

/** Configurations by name. */
export const classifierPresets: Readonly<Record<'linear' | 'distribution-balanced', ClassifierConfig>> = {
  /** A linear head on features; our choice of optimiser. */
  linear: classifierConfigSchema.parse({}),
  /**
   * The training of every row of the Distribution-Balanced loss's tables: neck and head on a ResNet-50 whose stem and
   * first stage are frozen. Batches of 32. Source: released code of Wu et al., ECCV 2020.
   */
  'distribution-balanced': classifierConfigSchema.parse({
    epochs: 8,
    neck: {},
    freeze: { parameters: '^(conv1|bn1|layer1)\\.', statistics: '' },
    optimizer: { name: 'sgd', learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4 },
    schedule: { name: 'multiStep', epochs: [5, 7] },
    warmup: { steps: 500, from: 1 / 3 },
    maxGradientNorm: 35,
  }),
};
