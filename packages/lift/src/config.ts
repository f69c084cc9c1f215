import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** The cosine classifier of LIFT and how it is trained. */
export interface LiftHeadConfig extends TrainingConfig {
  /** Multiplies cosines. */
  readonly scale: number;
  /** Texts with `{}` for the name, which the classifier begins with; directions are averaged over them. */
  readonly templates: readonly string[];
  /** Passes over the training images before, which set the classifier to the mean feature of each class; 0: it begins with texts. */
  readonly classMeanEpochs: number;
  /** τ of the logit-adjusted loss; 1 is balanced softmax. */
  readonly tau: number;
}

/** LIFT and how it is trained. */
export interface LiftConfig extends LiftHeadConfig {
  readonly adapters: {
    /** r; null: by the number of classes, as published. */
    readonly bottleneck: number | null;
    /** The last blocks, which are adapted; null: all. */
    readonly last: number | null;
  };
}

const template = z.string().refine((text) => text.includes('{}'), 'should have {} for the name');
const count = z.int().positive().max(65_536).nullable().default(null);

const head = {
  scale: z.number().positive().default(25),
  templates: z.array(template).min(1).default(['a photo of a {}.']),
  classMeanEpochs: z.int().nonnegative().max(1000).default(0),
  tau: z.number().default(1),
  ...trainingShape({
    epochs: 10,
    optimizer: { name: 'sgd', learningRate: 0.01, weightDecay: 5e-4 },
    schedule: { name: 'cosine', by: 'epoch' },
  }),
};

/** Defaults are those of the preset `imagenet-lt`. */
export const liftConfigSchema: z.ZodType<LiftConfig> = z.strictObject({
  adapters: z.strictObject({ bottleneck: count, last: count }).prefault({}),
  ...head,
});

/** Defaults are those of the preset `published`. */
export const liftHeadConfigSchema: z.ZodType<LiftHeadConfig> = z.strictObject(head);

/**
 * The published settings, in batches of 128; ImageNet-LT and Places-LT have the same.
 *
 * Source: Shi et al. (LIFT), ICML 2024, and their code. Top-1 with CLIP's ViT-B/16, averaged over five crops of a test image:
 * ImageNet-LT 78.3, Places-LT 52.2, iNaturalist 2018 80.4.
 */
export const liftPresets: Readonly<Record<'imagenet-lt' | 'inaturalist' | 'imagenet-21k', LiftConfig>> = {
  'imagenet-lt': liftConfigSchema.parse({}),
  inaturalist: liftConfigSchema.parse({ epochs: 20 }),
  /** A ViT that was trained on ImageNet-21k and reads no texts. Error of CIFAR-100-LT, r = 100: 10.9 %. */
  'imagenet-21k': liftConfigSchema.parse({ classMeanEpochs: 1 }),
};

/** The same without adapters: their `-m model` without options. */
export const liftHeadPresets: Readonly<Record<'published' | 'class-means', LiftHeadConfig>> = {
  published: liftHeadConfigSchema.parse({}),
  'class-means': liftHeadConfigSchema.parse({ classMeanEpochs: 1 }),
};
