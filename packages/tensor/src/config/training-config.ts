import * as z from 'zod';
import type { NamedParameter, Stage } from '../contract/index.ts';
import type { ParameterGroup } from '../optim/optimizer.ts';
import { buildOptimizer, type OptimizerConfig, optimizerConfigSchema } from './optimizer-config.ts';
import { buildSchedule, type ScheduleConfig, scheduleConfigSchema } from './schedule-config.ts';

/** How a stage trains: the entries that every method's configuration has, by these names, for each of its stages. */
export interface TrainingConfig {
  readonly epochs: number;
  readonly optimizer: OptimizerConfig;
  readonly schedule: ScheduleConfig;
  /** Global L2 norm to which gradients are clipped; null for none. */
  readonly maxGradientNorm: number | null;
  /** Decay of the averaged weights that are evaluated; null for none. */
  readonly averageDecay: number | null;
}

/** What a method publishes of a stage; what is left out has the defaults of the optimiser and the schedule. */
export interface TrainingDefaults {
  readonly epochs: number;
  readonly optimizer: Pick<OptimizerConfig, 'name' | 'learningRate'> & Partial<OptimizerConfig>;
  readonly schedule: { readonly name: ScheduleConfig['name'] } & Readonly<Record<string, unknown>>;
  readonly averageDecay?: number;
}

type Shape<Config> = { [Name in keyof Config]: z.ZodType<Config[Name]> };

/**
 * The entries of {@link TrainingConfig}, to be spread into the schema of a configuration or of a stage in it.
 *
 * An optimiser or a schedule by the name of the default one, or without a name, has the method's values where it says
 * nothing; one by another name has its own defaults.
 */
export function trainingShape({ epochs, optimizer, schedule, averageDecay }: TrainingDefaults): Shape<TrainingConfig> {
  return {
    epochs: z.int().positive().max(1e6).default(epochs),
    optimizer: overDefaults(optimizerConfigSchema, optimizer),
    schedule: overDefaults(scheduleConfigSchema, schedule),
    maxGradientNorm: z.number().positive().nullable().default(null),
    averageDecay: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(averageDecay ?? null),
  };
}

function overDefaults<Config>(schema: z.ZodType<Config>, defaults: { readonly name: string }): z.ZodType<Config> {
  const complete = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const { name = defaults.name } = value as { readonly name?: unknown };
    if (name !== defaults.name) return value;
    const said = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return { ...defaults, ...Object.fromEntries(said) };
  };
  return z.preprocess(complete, schema).prefault({} as never) as unknown as z.ZodType<Config>;
}

/** Groups the parameters of a stage and gives each group its rates. */
export type Grouping = (
  parameters: readonly NamedParameter[],
  rates: { readonly learningRate: number; readonly weightDecay: number },
) => readonly ParameterGroup[];

const oneGroup: Grouping = (parameters, rates) => [{ parameters, ...rates }];

/**
 * The part of a stage that its configuration tells.
 *
 * @param grouping one group of all parameters if left out
 */
export function trainingOf(
  config: TrainingConfig,
  grouping: Grouping = oneGroup,
): Pick<Stage, 'epochs' | 'optimizer' | 'schedule' | 'maxGradientNorm' | 'averageDecay'> {
  const { epochs, optimizer, schedule, maxGradientNorm, averageDecay } = config;
  const { learningRate, weightDecay } = optimizer;
  return {
    epochs,
    optimizer: (parameters) => buildOptimizer(optimizer, grouping(parameters, { learningRate, weightDecay })),
    schedule: (totalSteps) => buildSchedule(schedule, { epochs, totalSteps, learningRate }),
    ...(maxGradientNorm !== null && { maxGradientNorm }),
    ...(averageDecay !== null && { averageDecay }),
  };
}

/** Paths of the entries of a stage that are counted in its epochs, for `Method.stages`. */
export function countedInTraining(stage?: string): string[] {
  const prefix = stage === undefined ? '' : `${stage}.`;
  return ['warmup.epochs', 'every', 'milestones', 'epochs'].map((entry) => `${prefix}schedule.${entry}`);
}
