import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type PresenceLossConfig, presenceLossSchema } from '../coop/config.ts';

/** Configuration of the vision-only baseline and of its training. */
export interface VisionOnlyConfig extends TrainingConfig {
  /** Factor of the pooled outputs. Default 5. */
  readonly outputScale: number;
  /** See {@link PresenceLossOptions}. */
  readonly loss: PresenceLossConfig;
}

/** Schema of {@link VisionOnlyConfig}. The defaults are the preset `published`. */
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
   * For CLIP's RN101 with images of 448 × 448 and batches of 32. The learning rate is a hundredth of that in the
   * example of PositiveCoOp (0.5). Source: Rawlekar et al., WACV 2025, and their code.
   */
  published: visionOnlyConfigSchema.parse({}),
};
