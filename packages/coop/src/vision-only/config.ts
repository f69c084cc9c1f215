import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type PresenceLossConfig, presenceLossSchema } from '../coop/config.ts';

/** The vision-only baseline and how it is trained. */
export interface VisionOnlyConfig extends TrainingConfig {
  readonly outputScale: number;
  /** See {@link PresenceLossOptions}. */
  readonly loss: PresenceLossConfig;
}

/** Defaults are those of the preset `published`. */
export const visionOnlyConfigSchema: z.ZodType<VisionOnlyConfig> = z.strictObject({
  outputScale: z.number().positive().default(5),
  loss: presenceLossSchema,
  ...trainingShape({
    epochs: 50,
    optimizer: { name: 'sgd', learningRate: 5e-3 },
    schedule: { name: 'cosine', by: 'epoch', epochs: 50, warmup: { epochs: 1, learningRate: 5e-3 } },
  }),
});

/** Configurations by name. */
export const visionOnlyPresets: Readonly<Record<'published', VisionOnlyConfig>> = {
  /**
   * CLIP's RN101 with images of 448 × 448, batches of 32. The rate is a hundredth of the 0.5 that the example of PositiveCoOp
   * has. Source: Rawlekar et al., WACV 2025, and their code.
   */
  published: visionOnlyConfigSchema.parse({}),
};
