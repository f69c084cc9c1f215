import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** SARB, its parts alone, and the baselines that it is compared with: one network, and what its training blends. */
export interface SarbConfig extends TrainingConfig {
  /**
   * What of the encoder does not train. By default all but `layer4`: of a ResNet-101 the "first 91 layers", the convolution
   * of the stem and the 3 · (3 + 4 + 23) of the first three stages, with their norms.
   */
  readonly freeze: Freezing;
  /** D, features of a class. A map of another number of channels is brought to it. */
  readonly features: number;
  readonly attention: AttentionConfig;
  /** T, steps of the graph network. */
  readonly graphSteps: number;
  readonly blending: BlendingConfig;
  readonly contrastive: ContrastiveConfig | null;
  /**
   * What the partial cross-entropy divides by: the known labels of the `batch` (the released code, whose numbers the
   * paper prints), or those of each `image`, summed over images (the paper's text). Without effect if a criterion is given.
   */
  readonly normalization: 'batch' | 'image';
}

/** How class features come from the map. */
export type AttentionConfig =
  /** Semantic decoupling, by word vectors. */
  | { readonly name: 'decoupling'; readonly innerFeatures: number }
  /** The semantic attention module, without word vectors. */
  | { readonly name: 'masks' };

export interface BlendingConfig {
  /** The first epoch that blends, counted from 0. */
  readonly from: number;
  readonly instances: InstancesConfig | null;
  readonly prototypes: PrototypesConfig | null;
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

export interface MixupConfig extends ShareConfig {
  readonly of: 'inputs' | 'maps';
}

export interface ContrastiveConfig {
  readonly weight: number;
  /** See `ContrastiveOptions`. */
  readonly pairs: 'sampled' | 'known' | 'all';
  readonly reduction: 'mean' | 'sum';
}

// Defaults are those of the released code, where a comment does not say otherwise.
const share = { share: z.number().min(0).max(1).default(0.5), learnable: z.boolean().default(true) };

const attentionSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('decoupling'), innerFeatures: z.int().positive().max(65_536).default(512) }),
  z.strictObject({ name: z.literal('masks') }),
]);

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
      every: z.int().positive().max(1e6).default(5),
      // Ours: 256 MB of 1,024 features; all positives of VOC 2007, a sample of those of COCO.
      samples: z.int().positive().max(1e8).nullable().default(65_536),
      // The paper's text; the code draws once for a batch.
      draw: z.enum(['image', 'batch']).default('image'),
      overwriteFullyKnown: z.boolean().default(false),
    })
    .nullable()
    .prefault({}),
  mixup: z
    .strictObject({ ...share, of: z.enum(['inputs', 'maps']) })
    .nullable()
    .default(null),
  detachLabels: z.boolean().default(false),
  shareLearningRate: z.number().positive().nullable().default(null),
});

const contrastiveSchema = z.strictObject({
  weight: z.number().nonnegative().default(0.05),
  pairs: z.enum(['sampled', 'known', 'all']).default('sampled'),
  reduction: z.enum(['mean', 'sum']).default('mean'),
});

/** Defaults are those of the preset `sarb`. */
export const sarbConfigSchema: z.ZodType<SarbConfig> = z.strictObject({
  // Adam with coupled L2.
  ...trainingShape({
    epochs: 20,
    optimizer: { name: 'adam', learningRate: 1e-5, weightDecay: 5e-4 },
    schedule: { name: 'step', every: 10 },
  }),
  freeze: freezingConfigSchema({ parameters: '^(?!layer4\\.)', statistics: '^(?!layer4\\.)' }),
  features: z.int().positive().max(65_536).default(1024),
  attention: attentionSchema.prefault({ name: 'decoupling' }),
  graphSteps: z.int().positive().max(1000).default(3),
  blending: blendingSchema.prefault({}),
  contrastive: contrastiveSchema.nullable().prefault({}),
  normalization: z.enum(['batch', 'image']).default('batch'),
});

export type SarbPreset =
  | 'sarb'
  | 'sarb-masks'
  | 'ilrb'
  | 'plrb'
  | 'ilrb-fixed'
  | 'plrb-fixed'
  | 'ip-mixup'
  | 'fm-mixup'
  | 'ssgrl';

/**
 * The rows of the paper's tables. One setting serves all of its data sets and proportions; batches of 16.
 *
 * The rows of the ablation keep the rest of the recipe, the contrastive loss included; the two kinds of mixup, of which
 * nothing is released, and SSGRL go without it.
 */
export const sarbPresets: Readonly<Record<SarbPreset, SarbConfig>> = {
  sarb: sarbConfigSchema.parse({}),
  'sarb-masks': sarbConfigSchema.parse({ attention: { name: 'masks' } }),
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
