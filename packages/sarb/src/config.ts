import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type ContrastiveConfig, contrastiveSchema } from './contrastive-config.ts';
import { type SsgrlConfig, ssgrlShape } from './ssgrl-config.ts';

/** SARB, its parts alone, DSRB, and the baselines that they are compared with: one network, and what its training blends. */
export interface SarbConfig extends TrainingConfig, SsgrlConfig {
  readonly blending: BlendingConfig;
  readonly contrastive: ContrastiveConfig | null;
  /**
   * What the partial cross-entropy divides by: the known labels of the `batch` (the released code, whose numbers the
   * paper prints), or those of each `image`, summed over images (the paper's text). Without effect if a criterion is given.
   */
  readonly normalization: 'batch' | 'image';
}

/** Settings of SARB's blending. */
export interface BlendingConfig {
  /** The first epoch that blends, counted from 0. */
  readonly from: number;
  readonly instances: InstancesConfig | null;
  readonly prototypes: PrototypesConfig | null;
  /** DSRB: prototypes by the quadrant of the map that shows the class; in place of `prototypes`, which is null then. */
  readonly quadrants: QuadrantsConfig | null;
  /** Blends whole inputs or whole maps instead of class features, by the rule of `instances`. */
  readonly mixup: MixupConfig | null;
  /** Whether α and β learn from the features alone. */
  readonly detachLabels: boolean;
  /**
   * Of α and β; null: as of the rest, as published. Adam moves a share by about its rate at each step, whatever the loss: a
   * training of few steps at a large rate needs a smaller one here, or the shares run off before they mean anything.
   */
  readonly shareLearningRate: number | null;
}

/** How much a slot keeps of itself. */
interface ShareConfig {
  /** α or β at the start. */
  readonly share: number;
  readonly learnable: boolean;
}

export interface InstancesConfig extends ShareConfig {
  /** Partners by reversing the batch, or drawn anew at each step. */
  readonly pairing: 'reversal' | 'random';
}

export interface PrototypesConfig extends ShareConfig {
  /** K, prototypes of a class. */
  readonly count: number;
  /** Epochs from one computation to the next. */
  readonly every: number;
  /** Feature vectors held for the computation at most, or null for all; see `classPrototypes`. */
  readonly samples: number | null;
  /** Draws which prototype for each image, or once for a batch. */
  readonly draw: 'image' | 'batch';
  /** Blends class 0 of an image without an unknown label, the released code's mistake. */
  readonly overwriteFullyKnown: boolean;
}

export interface QuadrantsConfig extends ShareConfig {
  /** Epochs from one computation to the next. */
  readonly every: number;
  /** Positives that make a prototype at most. */
  readonly samples: number;
}

export interface MixupConfig extends ShareConfig {
  readonly of: 'inputs' | 'maps';
}

// Defaults are those of the released code, where a comment does not say otherwise.
const share = { share: z.number().min(0).max(1).default(0.5), learnable: z.boolean().default(true) };

const every = z.int().positive().max(1e6).default(5);

const blendingSchema = z.strictObject({
  from: z.int().nonnegative().max(1e6).default(5),
  instances: z
    .strictObject({ ...share, pairing: z.enum(['reversal', 'random']).default('reversal') })
    .nullable()
    .prefault({}),
  prototypes: z
    .strictObject({
      ...share,
      count: z.int().positive().max(65_536).default(10),
      every,
      // Ours: 256 MB of 1,024 features; all positives of VOC 2007, a sample of those of COCO.
      samples: z.int().positive().max(1e8).nullable().default(65_536),
      // The paper's text; the code draws once for a batch.
      draw: z.enum(['image', 'batch']).default('image'),
      overwriteFullyKnown: z.boolean().default(false),
    })
    .nullable()
    .prefault({}),
  quadrants: z
    .strictObject({ ...share, every, samples: z.int().positive().max(1e6).default(100) })
    .nullable()
    .default(null),
  mixup: z
    .strictObject({ ...share, of: z.enum(['inputs', 'maps']) })
    .nullable()
    .default(null),
  detachLabels: z.boolean().default(false),
  shareLearningRate: z.number().positive().nullable().default(null),
});

/** Defaults are those of the preset `sarb`. */
export const sarbConfigSchema: z.ZodType<SarbConfig> = z.strictObject({
  // Adam with coupled L2.
  ...trainingShape({
    epochs: 20,
    optimizer: { name: 'adam', learningRate: 1e-5, weightDecay: 5e-4 },
    schedule: { name: 'step', every: 10 },
  }),
  ...ssgrlShape,
  blending: blendingSchema.prefault({}),
  contrastive: contrastiveSchema,
  normalization: z.enum(['batch', 'image']).default('batch'),
});

/** Name of a preset of SARB. */
export type SarbPreset =
  | 'sarb'
  | 'sarb-masks'
  | 'dsrb'
  | 'ilrb'
  | 'plrb'
  | 'ilrb-fixed'
  | 'plrb-fixed'
  | 'ip-mixup'
  | 'fm-mixup'
  | 'ssgrl';

/**
 * The rows of the paper's tables, and `dsrb`, the row of the journal's. One setting serves all of its data sets and proportions; batches of 16.
 *
 * The rows of the ablation keep the rest of the recipe, the contrastive loss included; the two kinds of mixup, of which
 * nothing is released, and SSGRL go without it.
 */
export const sarbPresets: Readonly<Record<SarbPreset, SarbConfig>> = {
  sarb: sarbConfigSchema.parse({}),
  'sarb-masks': sarbConfigSchema.parse({ attention: { name: 'masks' } }),
  dsrb: sarbConfigSchema.parse({ blending: { prototypes: null, quadrants: {} } }),
  ilrb: sarbConfigSchema.parse({ blending: { prototypes: null } }),
  plrb: sarbConfigSchema.parse({ blending: { instances: null } }),
  'ilrb-fixed': sarbConfigSchema.parse({ blending: { instances: { learnable: false }, prototypes: null } }),
  'plrb-fixed': sarbConfigSchema.parse({ blending: { instances: null, prototypes: { learnable: false } } }),
  'ip-mixup': withoutClassFeatures({ of: 'inputs' }),
  'fm-mixup': withoutClassFeatures({ of: 'maps' }),
  ssgrl: withoutClassFeatures(null),
};

function withoutClassFeatures(mixup: { of: MixupConfig['of'] } | null): SarbConfig {
  return sarbConfigSchema.parse({ blending: { instances: null, prototypes: null, mixup }, contrastive: null });
}
