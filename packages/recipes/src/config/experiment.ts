import { z } from 'zod';
import { type Augmentation, augmentationSchema, type Normalization, normalizations } from '../parts/augmentation.ts';
import { backbones } from '../parts/backbones.ts';
import { datasets } from '../parts/datasets.ts';
import { losses } from '../parts/losses.ts';
import { defaultMethod, type MethodConfig, methodSchema, methods } from '../parts/methods.ts';
import type { NamedPart } from '../parts/part.ts';
import { samplers } from '../parts/samplers.ts';
import { UsageError } from '../usage-error.ts';
import { checkConfig } from './check.ts';
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
  readonly method: MethodConfig;
  /** null for a method with a loss of its own. */
  readonly loss: NamedPart | null;
  readonly sampler: NamedPart;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly accumulate: number;
  readonly evaluation: EvaluationConfig;
  readonly checkpointEverySteps: number | null;
}

interface EvaluationConfig {
  /** Epochs from one evaluation to the next. */
  readonly every: number;
  readonly batchSize: number;
  readonly select: { readonly metric: string; readonly mode: 'max' | 'min'; readonly patience?: number } | null;
}

const count = z.int().positive();

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
  augment: augmentationSchema.prefault({}),
  normalization: z.enum(normalizations).default('backbone'),
  backbone: backbones.schema.prefault({ name: 'resnet-tiny' }),
  cachedViews: z.int().nonnegative().nullable().default(4),
  method: methodSchema,
  loss: losses.schema.nullable(),
  sampler: samplers.schema.prefault({ name: 'uniform' }),
  batchSize: count.default(32),
  dropLast: z.boolean().default(false),
  accumulate: count.default(1),
  evaluation: evaluationSchema.prefault({}),
  checkpointEverySteps: count.nullable().default(null),
});

/**
 * Checks an experiment and fills in its defaults; entries that `method.options` leaves open come from `method.preset`, and
 * a loss that is not named is the method's own.
 *
 * @throws UsageError with place, entry and what is wrong for each mistake
 */
export function resolveExperiment(source: ConfigSource): Experiment {
  const { value } = source;
  if (!isObject(value)) return checkConfig(source, experimentSchema);
  const method = isObject(value.method) ? fillMethod(value.method) : (value.method ?? fillMethod({}));
  const part = isObject(method) ? methods[String(method.name)] : undefined;
  const loss = value.loss ?? (typeof part?.loss === 'object' ? part.loss : null);
  if (part?.loss === 'required' && loss === null) {
    throw new UsageError(`${source.locate(['loss'])}: loss: should be named, one of ${losses.names.join(', ')}`);
  }
  if (part?.loss === 'own' && loss !== null) {
    const name = (method as MethodConfig).name;
    throw new UsageError(`${source.locate(['loss'])}: loss: should be left out, ${name} has a loss of its own`);
  }
  return checkConfig({ ...source, value: { ...value, method, loss } }, experimentSchema);
}

/** A method with its name, and the options of its preset where it leaves them open. */
function fillMethod(method: Record<string, unknown>): Record<string, unknown> {
  const { name = defaultMethod, options = {} } = method;
  const presets = methods[String(name)]?.presets ?? {};
  const preset = presets[String(method.preset ?? Object.keys(presets)[0])];
  return { ...method, name, options: isObject(options) ? { ...preset, ...options } : options };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
