import { type ClassifierConfig, classifierConfigSchema, classifierPresets } from '@ltml/train';
import { z } from 'zod';
import { backbones } from '../parts/backbones.ts';
import { datasets } from '../parts/datasets.ts';
import { losses } from '../parts/losses.ts';
import type { NamedPart } from '../parts/part.ts';
import { samplers } from '../parts/samplers.ts';
import { checkConfig } from './check.ts';
import type { ConfigSource } from './source.ts';

/** What `ltml train` does, complete; docs/config.md explains every entry. */
export interface Experiment {
  readonly name: string;
  readonly seed: number;
  readonly data: NamedPart;
  readonly augment: Augmentation;
  readonly backbone: NamedPart;
  /** Augmented views of each image whose features are kept; null: the backbone trains too. */
  readonly cachedViews: number | null;
  readonly method: MethodConfig;
  readonly loss: NamedPart;
  readonly sampler: NamedPart;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly accumulate: number;
  readonly evaluation: EvaluationConfig;
  readonly checkpointEverySteps: number | null;
}

/** Random changes of training pictures; see the transforms of `@ltml/data`. */
export interface Augmentation {
  /** Pixels. */
  readonly shift: number;
  /** In 0 … 255. */
  readonly brightness: number;
  readonly contrast: number;
  readonly flip: boolean;
}

interface MethodConfig {
  readonly name: 'classifier';
  readonly preset: keyof typeof classifierPresets;
  readonly options: ClassifierConfig;
}

interface EvaluationConfig {
  /** Epochs from one evaluation to the next. */
  readonly every: number;
  readonly batchSize: number;
  readonly select: { readonly metric: string; readonly mode: 'max' | 'min'; readonly patience?: number } | null;
}

const count = z.int().positive();

const augmentSchema = z.strictObject({
  shift: z.int().nonnegative().default(4),
  brightness: z.number().nonnegative().default(20),
  contrast: z.number().min(0).lt(1).default(0.2),
  flip: z.boolean().default(false),
});

const methodSchema = z.strictObject({
  name: z.literal('classifier').default('classifier'),
  preset: z.enum(Object.keys(classifierPresets) as [MethodConfig['preset']]).default('linear'),
  options: classifierConfigSchema.prefault({}),
});

const evaluationSchema = z.strictObject({
  every: count.default(1),
  batchSize: count.default(64),
  select: z
    .strictObject({
      metric: z.string().default('mAP'),
      mode: z.enum(['max', 'min']).default('max'),
      patience: count.optional(),
    })
    .nullable()
    .default(null),
});

const experimentSchema: z.ZodType<Experiment> = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'should be made of letters, digits, dots, dashes and underscores, to name a folder')
    .default('run'),
  seed: z.int().nonnegative().default(1),
  data: datasets.schema.prefault({ name: 'digits-lt' }),
  augment: augmentSchema.prefault({}),
  backbone: backbones.schema.prefault({ name: 'resnet-tiny' }),
  cachedViews: z.int().nonnegative().nullable().default(4),
  method: methodSchema.prefault({}),
  loss: losses.schema,
  sampler: samplers.schema.prefault({ name: 'uniform' }),
  batchSize: count.default(32),
  dropLast: z.boolean().default(false),
  accumulate: count.default(1),
  evaluation: evaluationSchema.prefault({}),
  checkpointEverySteps: count.nullable().default(null),
});

/**
 * Checks an experiment and fills in its defaults; entries that `method.options` leaves open come from `method.preset`.
 *
 * @throws UsageError with place, entry and what is wrong for each mistake
 */
export function resolveExperiment(source: ConfigSource): Experiment {
  const { value } = source;
  const method = isObject(value) ? value.method : undefined;
  const preset = isObject(method) ? classifierPresets[method.preset as MethodConfig['preset']] : undefined;
  if (!isObject(value) || !isObject(method) || !preset) return checkConfig(source, experimentSchema);
  const options = method.options ?? {};
  const filled = isObject(options) ? { ...preset, ...options } : options;
  return checkConfig({ ...source, value: { ...value, method: { ...method, options: filled } } }, experimentSchema);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
