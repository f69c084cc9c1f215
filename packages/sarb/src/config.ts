import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type ContrastiveConfig, contrastiveSchema } from './contrastive-config.ts';
import { type SsgrlConfig, ssgrlShape } from './ssgrl-config.ts';

/**
 * Configuration of SARB, of its parts alone, of DSRB and of their baselines. All have the same network and differ in
 * what they blend.
 */
export interface SarbConfig extends TrainingConfig, SsgrlConfig {
  /** What training blends. */
  readonly blending: BlendingConfig;
  /** The contrastive loss; null: none. */
  readonly contrastive: ContrastiveConfig | null;
  /**
   * The divisor of the partial binary cross-entropy. No effect if the parts contain a criterion. Default `batch`.
   *
   * - `batch`: the known labels of the batch, as in the released code, which gave the paper's numbers.
   * - `image`: the known labels of each image; the loss is then the sum over images, as in the paper's text.
   */
  readonly normalization: 'batch' | 'image';
}

/** What training blends, and from when on. */
export interface BlendingConfig {
  /** The first epoch with blending, counted from 0. Default 5. */
  readonly from: number;
  /** Instance-level blending (ILRB); null: none. */
  readonly instances: InstancesConfig | null;
  /** Prototype-level blending (PLRB); null: none. */
  readonly prototypes: PrototypesConfig | null;
  /** DSRB: one prototype for each class and quadrant of the map. It needs `prototypes: null`. Default null. */
  readonly quadrants: QuadrantsConfig | null;
  /** Blends whole inputs or whole feature maps, not class features, by the rule of `instances`. Default null. */
  readonly mixup: MixupConfig | null;
  /** Stops the gradient to α and β through the labels, so that they learn from the features only. Default false. */
  readonly detachLabels: boolean;
  /**
   * Learning rate of α and β. Default null: that of all other parameters, as published.
   *
   * Adam moves a share by about its learning rate at each step, however large the loss is. A short training with a
   * large learning rate needs a smaller value here. Otherwise the shares reach 0 or 1 before the network has learned
   * anything.
   */
  readonly shareLearningRate: number | null;
}

/** The share of its own features that a slot keeps. */
interface ShareConfig {
  /** α or β at the start, in [0, 1]. Default 0.5. */
  readonly share: number;
  /** Whether the share trains. Default true. */
  readonly learnable: boolean;
}

/** Configuration of instance-level blending. */
export interface InstancesConfig extends ShareConfig {
  /** Pairs images by reversing the batch, or at random at each step. Default `reversal`. */
  readonly pairing: 'reversal' | 'random';
}

/** Configuration of prototype-level blending. */
export interface PrototypesConfig extends ShareConfig {
  /** K, prototypes of a class. Default 10. */
  readonly count: number;
  /** Epochs between two computations of the prototypes. Default 5. */
  readonly every: number;
  /**
   * Maximum number of feature vectors kept for the computation, or null for all; see `classPrototypes`. Default 65,536.
   */
  readonly samples: number | null;
  /** Draws a prototype for each image, or one for the whole batch. Default `image`. */
  readonly draw: 'image' | 'batch';
  /** Blends class 0 of an image without an unknown label, which is a mistake of the released code. Default false. */
  readonly overwriteFullyKnown: boolean;
}

/** Configuration of DSRB's blending. */
export interface QuadrantsConfig extends ShareConfig {
  /** Epochs between two computations of the prototypes. Default 5. */
  readonly every: number;
  /** Maximum number of positives per prototype. Default 100. */
  readonly samples: number;
}

/** Configuration of mixup. */
export interface MixupConfig extends ShareConfig {
  /** What is mixed: input images or feature maps. */
  readonly of: 'inputs' | 'maps';
}

// Defaults are those of the released code, unless a comment says otherwise.
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
      // Our choice: 256 MB at 1,024 features. It covers all positives of VOC 2007, and a sample of those of COCO.
      samples: z.int().positive().max(1e8).nullable().default(65_536),
      // As the paper says. The released code draws once for a batch.
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

/** Schema of {@link SarbConfig}. The defaults are the preset `sarb`. */
export const sarbConfigSchema: z.ZodType<SarbConfig> = z.strictObject({
  // Weight decay is coupled: an L2 term in the gradient, as in PyTorch's Adam.
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

/** Names of the presets. */
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
 * Configurations of the rows of the paper's tables, and `dsrb`, a row of the journal paper. Each serves all data sets
 * and proportions of known labels. Use batches of 16.
 *
 * The ablation rows `ilrb…` and `plrb…` keep the contrastive loss. `ssgrl` and the two kinds of mixup have none; the
 * authors released no code for mixup.
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
