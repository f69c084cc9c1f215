import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of RAM's matching head and of its training. */
export interface RamConfig extends TrainingConfig {
  /** See {@link MatchingHeadOptions}. */
  readonly head: {
    readonly temperature: number;
    readonly localTemperature: number;
    readonly logitScale: number;
    readonly regularization: number;
    readonly teacherWeight: number;
    readonly weightTemperature: number;
    readonly teacherSharpness: number;
  };
  /** Text with `{}` for the name. */
  readonly template: string;
  /** The frozen parts of the encoder. Default: all parameters train, and batch norms use their running statistics. */
  readonly freeze: Freezing;
}

const positive = z.number().positive();

/** Schema of {@link RamConfig}. The defaults are the preset `coco`. */
export const ramConfigSchema: z.ZodType<RamConfig> = z.strictObject({
  head: z
    .strictObject({
      temperature: positive.default(0.01),
      localTemperature: positive.default(0.002),
      logitScale: positive.default(100),
      regularization: positive.default(0.1),
      teacherWeight: z.number().min(0).default(0.05),
      weightTemperature: positive.default(0.1),
      teacherSharpness: positive.default(20),
    })
    .prefault({}),
  template: z
    .string()
    .refine((text) => text.includes('{}'), 'should have {} for the name')
    .default('A photo of a {}.'),
  freeze: freezingConfigSchema({ parameters: null, statistics: '' }),
  ...trainingShape({
    epochs: 6,
    optimizer: { name: 'adamw', learningRate: 5e-6 },
    schedule: { name: 'cosine' },
  }),
});

/**
 * The published settings of the head for each data set, for batches of 32. The encoder trains at the learning rate of
 * RAM's CLIP part. RAM's adapters and deep text embeddings are not implemented, so do not expect its published results.
 *
 * Source: Tan et al. (RAM), CVPR 2025, and their code. The whole of RAM: NUS-WIDE, unseen classes, mAP 53.2.
 */
export const ramPresets: Readonly<Record<'coco' | 'nus-wide', RamConfig>> = {
  coco: ramConfigSchema.parse({}),
  'nus-wide': ramConfigSchema.parse({ head: { localTemperature: 2e-4 } }),
};
