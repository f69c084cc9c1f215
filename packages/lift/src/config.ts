import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of LIFT's cosine classifier and of its training. */
export interface LiftHeadConfig extends TrainingConfig {
  /** Factor of the cosines. */
  readonly scale: number;
  /** Texts with `{}` for the name. Their embeddings, averaged, initialise the classifier. */
  readonly templates: readonly string[];
  /**
   * Passes over the training images that initialise the classifier with the mean feature of each class. Default 0:
   * texts initialise it.
   */
  readonly classMeanEpochs: number;
  /** τ of the logit-adjusted loss. 1 is balanced softmax, 0 is plain cross-entropy. */
  readonly tau: number;
}

/** Configuration of LIFT and of its training. */
export interface LiftConfig extends LiftHeadConfig {
  /** The adapters in the blocks of the encoder. */
  readonly adapters: {
    /** r, adapter width. Null (default): by the number of classes, as published. */
    readonly bottleneck: number | null;
    /** How many of the last blocks get an adapter. Null (default): all. */
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

/** Schema of {@link LiftConfig}. The defaults are the preset `imagenet-lt`. */
export const liftConfigSchema: z.ZodType<LiftConfig> = z.strictObject({
  adapters: z.strictObject({ bottleneck: count, last: count }).prefault({}),
  ...head,
});

/** Schema of {@link LiftHeadConfig}. The defaults are the preset `published`. */
export const liftHeadConfigSchema: z.ZodType<LiftHeadConfig> = z.strictObject(head);

/**
 * The published settings, for batches of 128. Places-LT has those of ImageNet-LT.
 *
 * Source: Shi et al. (LIFT), ICML 2024, and their code. Top-1 with CLIP's ViT-B/16, averaged over five crops of a test
 * image: ImageNet-LT 78.3, Places-LT 52.2, iNaturalist 2018 80.4.
 */
export const liftPresets: Readonly<Record<'imagenet-lt' | 'inaturalist' | 'imagenet-21k', LiftConfig>> = {
  'imagenet-lt': liftConfigSchema.parse({}),
  inaturalist: liftConfigSchema.parse({ epochs: 20 }),
  /** For a ViT trained on ImageNet-21k, which has no text tower. Error on CIFAR-100-LT (imbalance 100): 10.9 %. */
  'imagenet-21k': liftConfigSchema.parse({ classMeanEpochs: 1 }),
};

/** The published settings without adapters: the authors' `-m model` without further options. */
export const liftHeadPresets: Readonly<Record<'published' | 'class-means', LiftHeadConfig>> = {
  published: liftHeadConfigSchema.parse({}),
  'class-means': liftHeadConfigSchema.parse({ classMeanEpochs: 1 }),
};
