import { z } from 'zod';
import { type OptimizerConfig, optimizerConfigSchema } from './optimizer-config.ts';
import { type ScheduleConfig, scheduleConfigSchema, type WarmupConfig, warmupConfigSchema } from './schedule-config.ts';

/** A linear classifier and how it is trained. */
export interface ClassifierConfig {
  readonly epochs: number;
  /** The neck between features and head; none for a plain linear head. */
  readonly neck: NeckConfig | null;
  readonly backbone: BackboneConfig;
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

/** What of a backbone trains; without effect on cached features. */
export interface BackboneConfig {
  /** Regular expression: parameters of the backbone whose name matches do not train. '' freezes all, null none. */
  readonly freeze: string | null;
  /** Batch norms of the backbone keep their running statistics and normalise by them, also in training. */
  readonly evalBatchNorm: boolean;
}

const neckSchema: z.ZodType<NeckConfig> = z.strictObject({
  width: z.int().positive().default(256),
  layers: z.union([z.literal(1), z.literal(2)]).default(1),
  dropout: z.number().min(0).lt(1).default(0.5),
  leakyRelu: z.boolean().default(false),
});

const backboneSchema = z.strictObject({
  freeze: z.string().refine(isPattern, 'not a regular expression').nullable().default(null),
  evalBatchNorm: z.boolean().default(true),
});

/** Defaults are those of the preset `linear`. */
export const classifierConfigSchema: z.ZodType<ClassifierConfig> = z.strictObject({
  epochs: z.int().positive().default(20),
  neck: neckSchema.nullable().default(null),
  backbone: backboneSchema.prefault({}),
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
    backbone: { freeze: '^(conv1|bn1|layer1)\\.', evalBatchNorm: true },
    optimizer: { name: 'sgd', learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4 },
    schedule: { name: 'multiStep', epochs: [5, 7] },
    warmup: { steps: 500, from: 1 / 3 },
    maxGradientNorm: 35,
  }),
};

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
