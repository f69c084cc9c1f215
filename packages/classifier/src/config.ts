import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of the linear classifier and of its training. */
export interface ClassifierConfig extends TrainingConfig {
  /** The neck between features and head. Default null: a plain linear head. */
  readonly neck: NeckConfig | null;
  /**
   * The frozen parts of the encoder. No effect on cached features. Default: all parameters train, and every batch norm
   * uses its running statistics.
   */
  readonly freeze: Freezing;
}

/** Size and form of the neck; see {@link PfcNeckOptions}. */
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

/** Schema of {@link ClassifierConfig}. The defaults are the preset `linear`. */
export const classifierConfigSchema: z.ZodType<ClassifierConfig> = z.strictObject({
  ...trainingShape({
    epochs: 20,
    optimizer: { name: 'adamw', learningRate: 1e-3, weightDecay: 1e-4 },
    schedule: { name: 'cosine' },
  }),
  neck: neckSchema.nullable().default(null),
  freeze: freezingConfigSchema({ parameters: null, statistics: '' }),
});

/** Configurations by name. */
export const classifierPresets: Readonly<Record<'linear' | 'distribution-balanced', ClassifierConfig>> = {
  /** A linear head on features. We chose the optimiser. */
  linear: classifierConfigSchema.parse({}),
  /**
   * The training of every row in the tables of the Distribution-Balanced loss: neck and head on a ResNet-50 whose stem
   * and first stage are frozen. Use batches of 32. Source: released code of Wu et al., ECCV 2020.
   */
  'distribution-balanced': classifierConfigSchema.parse({
    epochs: 8,
    neck: {},
    freeze: { parameters: '^(conv1|bn1|layer1)\\.', statistics: '' },
    optimizer: { name: 'sgd', learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4 },
    schedule: { name: 'multiStep', milestones: [5, 7], warmup: { steps: 500, from: 1 / 3 } },
    maxGradientNorm: 35,
  }),
};
