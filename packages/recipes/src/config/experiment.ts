import { stringify } from 'yaml';
import { z } from 'zod';
import { type Augmentation, augmentationSchema, type Normalization, normalizations } from '../parts/augmentation.ts';
import { backbones } from '../parts/backbones.ts';
import { datasets } from '../parts/datasets.ts';
import { losses } from '../parts/losses.ts';
import { defaultMethod, type MethodConfig, type MethodPart, methodSchema, methods } from '../parts/methods.ts';
import type { NamedPart } from '../parts/part.ts';
import { samplers } from '../parts/samplers.ts';
import { UsageError } from '../usage-error.ts';
import { checkConfig } from './check.ts';
import { isObject, mergeLeaves, own } from './merge.ts';
import type { ConfigSource } from './source.ts';

/** What `ltml train` does, complete; docs/config.md explains every entry. */
export interface Experiment {
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

/** What a configuration means that names none of them. */
const defaultParts = {
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

const experimentSchema: z.ZodType<Experiment> = z.strictObject({
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

/**
 * Checks an experiment and fills in its defaults. What `method.options` leaves open, leaf by leaf, comes from
 * `method.preset`, what a part leaves open from the part that is named by default; a loss that is not named is the method's
 * own.
 *
 * @throws UsageError with place, entry and what is wrong for each mistake
 */
export function resolveExperiment(source: ConfigSource): Experiment {
  const { value } = source;
  if (!isObject(value)) return checkConfig(source, experimentSchema);
  const method = fillMethod(value.method);
  const part = isObject(method) ? own(methods, String(method.name)) : undefined;
  const refuse = (entry: string, message: string): never => {
    throw new UsageError(`${source.locate([entry])}: ${entry}: ${message}`);
  };
  const parts = Object.fromEntries(
    Object.entries(defaultParts).map(([entry, base]) => [entry, mergeLeaves(base, value[entry])]),
  );
  const name = isObject(method) ? String(method.name) : '';
  const loss = fillLoss(value.loss, part?.loss);
  if (part?.loss === 'required' && loss === null) refuse('loss', `should be named, one of ${losses.names.join(', ')}`);
  if (part?.loss === 'own' && loss !== null) refuse('loss', `should be left out, ${name} has a loss of its own`);
  const { cachedViews = part?.trainsBackbone ? null : 4 } = value;
  if (part?.trainsBackbone && cachedViews !== null) {
    refuse('cachedViews', `should be null or left out: ${name} looks at pictures, not at kept features`);
  }
  const filled = { ...value, ...parts, method, loss, cachedViews };
  const config = checkConfig({ ...source, value: filled }, experimentSchema);
  const { selection, select } = config.evaluation;
  if (select && selection === 'validation' && config.data.validation === null) {
    const place = source.locate(['evaluation', 'select']);
    const remedy = 'set data.validation, or evaluation.selection: published, which looks at the test images';
    throw new UsageError(`${place}: evaluation.select: no images are held out to select by: ${remedy}`);
  }
  return config;
}

/** An experiment as YAML, which is a configuration again. */
export function formatConfig(config: Experiment): string {
  return stringify(config, { lineWidth: 120 });
}

/** A method with its name, laid over what its preset says. What is no object is left to the check. */
function fillMethod(method: unknown): unknown {
  if (method !== undefined && !isObject(method)) return method;
  const named: Readonly<Record<string, unknown>> = { name: defaultMethod, ...method };
  const part = own(methods, String(named.name));
  if (!part) return named;
  const preset = named.preset ?? Object.keys(part.presets)[0];
  const options = own(part.presets, String(preset));
  const embeddings = part.classEmbeddings && { classEmbeddings: part.classEmbeddings };
  return mergeLeaves({ preset, ...(options && { options }), ...embeddings }, named);
}

/** A loss laid over that of the method, if they have one name, and over what its own preset says. */
function fillLoss(loss: unknown, ofMethod: MethodPart['loss'] | undefined): unknown {
  const base = typeof ofMethod === 'object' ? ofMethod : undefined;
  const merged = mergeLeaves(base, loss ?? undefined) ?? null;
  return isObject(merged) ? losses.complete(merged) : merged;
}
