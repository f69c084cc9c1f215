import { z } from 'zod';
import { type Augmentation, augmentationSchema, type Normalization, normalizations } from '../parts/augmentation.ts';
import { backbones } from '../parts/backbones.ts';
import { datasets } from '../parts/datasets.ts';
import { losses } from '../parts/losses.ts';
import { type MethodConfig, methodSchema } from '../parts/methods.ts';
import type { NamedPart } from '../parts/part.ts';
import { samplers } from '../parts/samplers.ts';

/** A whole run in one object, with nothing left open; docs/recipes.md explains every entry. */
export interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly data: NamedPart;
  readonly augment: Augmentation;
  readonly normalization: Normalization;
  readonly backbone: NamedPart;
  /** Augmented views of each image whose features are kept; null: the backbone trains too. */
  readonly cachedViews: number | null;
  /** Memory that the kept features may take, in GB; null: 8 GB, or half of the machine's where that is less. */
  readonly cacheLimit: number | null;
  readonly method: MethodConfig;
  /** null for a method with a loss of its own. */
  readonly loss: NamedPart | null;
  readonly sampler: NamedPart;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly accumulate: number;
  /** Optimiser steps of all stages together, which what a method counts in epochs is scaled to; null leaves epochs as they are. */
  readonly steps: number | null;
  readonly evaluation: EvaluationConfig;
  readonly checkpointEverySteps: number | null;
}

interface EvaluationConfig {
  /** Epochs from one evaluation to the next. */
  readonly every: number;
  readonly batchSize: number;
  /** Which images epochs are compared by; `published` is the test images, as some published protocols have it. */
  readonly selection: 'validation' | 'published';
  readonly select: { readonly metric: string; readonly mode: 'max' | 'min'; readonly patience?: number } | null;
}

const count = z.int().positive();

/** What a recipe means that names none of them. */
export const defaultParts = {
  data: { name: 'digits-lt' },
  backbone: { name: 'resnet-tiny' },
  sampler: { name: 'uniform' },
};

const evaluationSchema = z.strictObject({
  every: count.default(1),
  batchSize: count.default(64),
  selection: z.enum(['validation', 'published']).default('validation'),
  select: z
    .strictObject({
      metric: z.enum(['mAP', 'mAP/head', 'mAP/medium', 'mAP/tail']).default('mAP'),
      mode: z.enum(['max', 'min']).default('max'),
      patience: count.optional(),
    })
    .nullable()
    .default(null),
});

export const recipeSchema: z.ZodType<Recipe> = z.strictObject({
  name: z
    .string()
    .regex(/^\w[\w.-]{0,99}$/, 'should be made of letters, digits, dots, dashes and underscores, to name a folder')
    .default('run'),
  seed: z.int().nonnegative().default(1),
  data: datasets.schema,
  augment: augmentationSchema.prefault({}),
  normalization: z.enum(normalizations).default('backbone'),
  backbone: backbones.schema,
  cachedViews: z.int().nonnegative().nullable(),
  cacheLimit: z.number().positive().nullable().default(null),
  method: methodSchema,
  loss: losses.schema.nullable(),
  sampler: samplers.schema,
  batchSize: count.default(32),
  dropLast: z.boolean().default(false),
  accumulate: count.default(1),
  steps: count.nullable().default(null),
  evaluation: evaluationSchema.prefault({}),
  checkpointEverySteps: count.nullable().default(null),
});
