import type { Precision } from '@ltml/tensor';
import * as z from 'zod';
import { datasets } from '../parts/datasets.ts';
import { type EncoderConfig, encoders } from '../parts/encoders.ts';
import { losses } from '../parts/losses.ts';
import type { MethodConfig } from '../parts/method-schema.ts';
import { metrics } from '../parts/metrics.ts';
import { mixes } from '../parts/mixes.ts';
import type { NamedPart } from '../parts/part.ts';
import { pictures } from '../parts/pictures.ts';
import { samplers } from '../parts/samplers.ts';

/** A whole run as one object, with all defaults filled in. docs/recipes.md explains every entry. */
export interface Recipe {
  /** Names the run; letters, digits, dots, dashes and underscores. */
  readonly name: string;
  /** Seed of all random numbers. */
  readonly seed: number;
  /** The data set with its options. */
  readonly data: NamedPart;
  /** Pipelines of training and test pictures. */
  readonly pictures: NamedPart;
  /** How training images are mixed in pairs; null: they are not. */
  readonly mix: NamedPart | null;
  readonly encoder: EncoderConfig;
  /** Settings of a frozen encoder, whose features are computed once; null: the encoder is trained, too. */
  readonly features: FeaturesConfig | null;
  /** The method with its preset and options. */
  readonly method: MethodConfig;
  /** Null for a method with its own loss. */
  readonly loss: NamedPart | null;
  /** How the images of an epoch are sampled. */
  readonly sampler: NamedPart;
  /** Images per batch, or by stage if stages differ. */
  readonly batchSize: number | Readonly<Record<string, number>>;
  /** Whether to leave out the last batch of an epoch if it is smaller. */
  readonly dropLast: boolean;
  /** Number of batches per optimiser step. */
  readonly accumulate: number;
  /** Number format of training steps; `mixed` needs an engine with fast 16-bit floats. */
  readonly precision: Precision;
  /**
   * Optimiser steps of all stages together. What a method counts in epochs is scaled to it. Null: the method's epochs.
   */
  readonly steps: number | null;
  /** When epochs are evaluated, and how one is selected. */
  readonly evaluation: EvaluationConfig;
  /** Steps between checkpoints, in addition to the one after each epoch; null: only after each epoch. */
  readonly checkpointEverySteps: number | null;
}

/** Settings of a frozen encoder's features. */
export interface FeaturesConfig {
  /** V, augmented views of each training image besides the plain one. Each epoch uses one of them for an image. */
  readonly views: number;
  /** Folder of `ltml encode`: features are read from there if they fit. */
  readonly dir: string;
  /**
   * Largest memory of features that are computed here, in GB; null: 8 GB, or half of the machine's memory if that is
   * less.
   */
  readonly memory: number | null;
}

interface EvaluationConfig {
  /** Number of epochs between evaluations. */
  readonly every: number;
  readonly batchSize: number;
  /** The images that epochs are compared on. `published`: the test images, as in some published protocols. */
  readonly selection: 'validation' | 'published';
  readonly select: { readonly metric: string; readonly mode: 'max' | 'min'; readonly patience?: number } | null;
}

/** Upper bounds: a larger number is a slip, and would need more memory or time than there is. */
const batch = z.int().positive().max(65_536);
const epochs = z.int().positive().max(1e6);
const steps = z.int().positive().max(1e8);

/** Parts of a recipe that names none. */
export const defaultParts = {
  data: { name: 'digits-lt' },
  pictures: { name: 'own' },
  encoder: { name: 'resnet-tiny' },
  sampler: { name: 'uniform' },
};

/** Schema of {@link FeaturesConfig}. */
export const featuresSchema: z.ZodType<FeaturesConfig> = z.strictObject({
  views: z
    .int()
    .nonnegative()
    .max(1000)
    .default(4)
    .describe('Augmented views of each training image, besides the plain one'),
  dir: z
    .string()
    .min(1)
    .default('features')
    .describe('Folder of `ltml encode`: features are read from there if they fit'),
  memory: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Largest memory of features that are computed here, in GB'),
});

const evaluationSchema = z.strictObject({
  every: epochs.default(1),
  batchSize: batch.default(64),
  selection: z.enum(['validation', 'published']).default('validation'),
  select: z
    .strictObject({
      metric: z.enum(['mAP', 'mAP/head', 'mAP/medium', 'mAP/tail', ...Object.keys(metrics)]).default('mAP'),
      mode: z.enum(['max', 'min']).default('max'),
      patience: epochs.optional(),
    })
    .nullable()
    .default(null),
});

const entries = {
  name: z
    .string()
    .regex(
      /^\w[\w.-]{0,99}$/,
      'should have only letters, digits, dots, dashes and underscores, since it names a folder',
    )
    .default('run')
    .describe('Name of the run; the default run folder is runs/<name>'),
  seed: z.int().nonnegative().default(1).describe('Seed of all random numbers of the run'),
  data: datasets.schema.describe('The data set'),
  pictures: pictures.schema.describe('Preparation of training and test images: own steps, or those of a paper'),
  mix: mixes.schema.nullable().default(null).describe('Mix training images in pairs, and their labels with them'),
  encoder: encoders.schema.describe('The encoder'),
  features: featuresSchema
    .nullable()
    .describe('Settings of a frozen encoder, whose features are computed once; null trains the encoder, too'),
  loss: losses.schema.nullable().describe('The loss; left out for a method with its own loss'),
  sampler: samplers.schema.describe('How the images of an epoch are sampled'),
  batchSize: z
    .union([batch, z.record(z.string(), batch)], 'should be a whole number from 1, or one for each stage')
    .default(32)
    .describe('Images per batch; { stage: images } if stages differ'),
  dropLast: z.boolean().default(false).describe('Leave out the last batch of an epoch if it is smaller'),
  accumulate: batch.default(1).describe('Number of batches whose gradients are accumulated for one step'),
  precision: z
    .enum(['float32', 'mixed'])
    .default('float32')
    .describe(
      'Number format of training steps; mixed: matrix multiplications in 16-bit floats if the engine has fast ones',
    ),
  steps: steps.nullable().default(null).describe('Optimiser steps of all stages together, instead of their epochs'),
  evaluation: evaluationSchema.prefault({}).describe('When epochs are evaluated, and how one is selected'),
  checkpointEverySteps: steps
    .nullable()
    .default(null)
    .describe('Steps between checkpoints, in addition to the one after each epoch'),
};

/** The schema of a recipe. @param method schema of the method; see `method-schema.ts` */
export function recipeSchema(method: z.ZodType<MethodConfig>): z.ZodType<Recipe> {
  const described = method.describe('The method, its preset, and the options that differ from it');
  return z.strictObject({ ...entries, method: described });
}
