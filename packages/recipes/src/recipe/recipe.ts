import type { Precision } from '@ltml/tensor';
import * as z from 'zod';
import { datasets } from '../parts/datasets.ts';
import { type EncoderConfig, encoders } from '../parts/encoders.ts';
import { losses } from '../parts/losses.ts';
import type { MethodConfig } from '../parts/method-schema.ts';
import { mixes } from '../parts/mixes.ts';
import type { NamedPart } from '../parts/part.ts';
import { pictures } from '../parts/pictures.ts';
import { samplers } from '../parts/samplers.ts';

/** A whole run in one object, with nothing left open; docs/recipes.md explains every entry. */
export interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly data: NamedPart;
  /** What training and test pictures go through. */
  readonly pictures: NamedPart;
  /** How training images are made of pairs of a batch; null: they are not. */
  readonly mix: NamedPart | null;
  readonly encoder: EncoderConfig;
  /** Of an encoder that rests, whose features are computed once; null: the encoder trains too. */
  readonly features: FeaturesConfig | null;
  readonly method: MethodConfig;
  /** null for a method with a loss of its own. */
  readonly loss: NamedPart | null;
  readonly sampler: NamedPart;
  /** Images of a batch; by stage where stages differ. */
  readonly batchSize: number | Readonly<Record<string, number>>;
  readonly dropLast: boolean;
  readonly accumulate: number;
  /** What training steps compute in; `mixed` where the engine has fast 16-bit floats. */
  readonly precision: Precision;
  /** Optimiser steps of all stages together, which what a method counts in epochs is scaled to; null leaves epochs as they are. */
  readonly steps: number | null;
  readonly evaluation: EvaluationConfig;
  readonly checkpointEverySteps: number | null;
}

export interface FeaturesConfig {
  /** V, augmented views of each training image besides the plain one; each epoch draws one of them for an image. */
  readonly views: number;
  /** Where `ltml encode` keeps features; those that fit are taken from there. */
  readonly dir: string;
  /** Memory that features may take which are computed here, in GB; null: 8 GB, or half of the machine's where that is less. */
  readonly memory: number | null;
}

interface EvaluationConfig {
  /** Epochs from one evaluation to the next. */
  readonly every: number;
  readonly batchSize: number;
  /** Which images epochs are compared by; `published` is the test images, as some published protocols have it. */
  readonly selection: 'validation' | 'published';
  readonly select: { readonly metric: string; readonly mode: 'max' | 'min'; readonly patience?: number } | null;
}

/** Bounds beyond which a number is a slip: it would ask for more memory or time than there is. */
const batch = z.int().positive().max(65_536);
const epochs = z.int().positive().max(1e6);
const steps = z.int().positive().max(1e8);

/** What a recipe means that names none of them. */
export const defaultParts = {
  data: { name: 'digits-lt' },
  pictures: { name: 'own' },
  encoder: { name: 'resnet-tiny' },
  sampler: { name: 'uniform' },
};

export const featuresSchema: z.ZodType<FeaturesConfig> = z.strictObject({
  views: z.int().nonnegative().max(1000).default(4).describe('Augmented copies of each training image'),
  dir: z.string().min(1).default('features').describe('Where `ltml encode` keeps features; those that fit are taken'),
  memory: z.number().positive().nullable().default(null).describe('GB that features may take which are computed here'),
});

const evaluationSchema = z.strictObject({
  every: epochs.default(1),
  batchSize: batch.default(64),
  selection: z.enum(['validation', 'published']).default('validation'),
  select: z
    .strictObject({
      metric: z.enum(['mAP', 'mAP/head', 'mAP/medium', 'mAP/tail', 'CF1', 'OF1', 'accuracy']).default('mAP'),
      mode: z.enum(['max', 'min']).default('max'),
      patience: epochs.optional(),
    })
    .nullable()
    .default(null),
});

const entries = {
  name: z
    .string()
    .regex(/^\w[\w.-]{0,99}$/, 'should be made of letters, digits, dots, dashes and underscores, to name a folder')
    .default('run')
    .describe('Names the run folder, runs/<name>'),
  seed: z.int().nonnegative().default(1).describe('Every random number of the run comes from it'),
  data: datasets.schema.describe('The data set'),
  pictures: pictures.schema.describe('What training and test images go through: own steps, or those of a paper'),
  mix: mixes.schema
    .nullable()
    .default(null)
    .describe('Training images made of pairs of a batch, their labels mixed too'),
  encoder: encoders.schema.describe('The encoder'),
  features: featuresSchema
    .nullable()
    .describe('Of an encoder that is not trained, whose features are computed once; null trains the encoder too'),
  loss: losses.schema.nullable().describe('The loss; left out for a method with a loss of its own'),
  sampler: samplers.schema.describe('How the images of an epoch are drawn'),
  batchSize: z
    .union([batch, z.record(z.string(), batch)], 'should be a whole number from 1, or one for each stage')
    .default(32)
    .describe('Images of a batch; { stage: images } where stages differ'),
  dropLast: z.boolean().default(false).describe('Leave out the last batch of an epoch if it is smaller'),
  accumulate: batch.default(1).describe('Batches whose gradients make one step'),
  precision: z
    .enum(['float32', 'mixed'])
    .default('float32')
    .describe('Of training steps; mixed: products in 16-bit floats where the engine has fast ones'),
  steps: steps.nullable().default(null).describe('Length of all stages together, in place of their epochs'),
  evaluation: evaluationSchema.prefault({}).describe('When epochs are evaluated, and how one is chosen'),
  checkpointEverySteps: steps.nullable().default(null).describe('Besides the checkpoint after each epoch'),
};

/** @param method what may be said of the method; see `method-schema.ts` */
export function recipeSchema(method: z.ZodType<MethodConfig>): z.ZodType<Recipe> {
  const described = method.describe('The method, its preset, and the options that differ from it');
  return z.strictObject({ ...entries, method: described });
}
