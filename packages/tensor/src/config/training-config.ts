import * as z from 'zod';
import type { NamedParameter, Stage } from '../contract/index.ts';
import type { ParameterGroup } from '../optim/optimizer.ts';
import { buildOptimizer, type OptimizerConfig, optimizerConfigSchema } from './optimizer-config.ts';
import { buildSchedule, type ScheduleConfig, scheduleConfigSchema } from './schedule-config.ts';

/** How a stage trains. Every method's configuration has these entries for each of its stages. */
export interface TrainingConfig {
  /** Length of the stage in epochs, a whole number from 1. */
  readonly epochs: number;
  readonly optimizer: OptimizerConfig;
  readonly schedule: ScheduleConfig;
  /** Global L2 norm to which gradients are clipped; `null` turns clipping off. */
  readonly maxGradientNorm: number | null;
  /** Decay of the averaged weights that are used for evaluation; `null` turns averaging off. */
  readonly averageDecay: number | null;
}

/** A method's defaults for a stage. Entries left out get the defaults of the optimiser or the schedule. */
export interface TrainingDefaults {
  readonly epochs: number;
  readonly optimizer: Pick<OptimizerConfig, 'name' | 'learningRate'> & Partial<OptimizerConfig>;
  readonly schedule: { readonly name: ScheduleConfig['name'] } & Readonly<Record<string, unknown>>;
  readonly averageDecay?: number;
}

type Shape<Config> = { [Name in keyof Config]: z.ZodType<Config[Name]> };

/**
 * The schema of the entries of {@link TrainingConfig}; spread it into the schema of a configuration or of one of its
 * stages.
 *
 * If the user names the default optimiser (or none), entries left out get the method's values. If the user names
 * another optimiser, they get that optimiser's own defaults. The same holds for the schedule.
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

/** Splits the parameters of a stage into groups with their own rates. */
export type Grouping = (
  parameters: readonly NamedParameter[],
  rates: { readonly learningRate: number; readonly weightDecay: number },
) => readonly ParameterGroup[];

const oneGroup: Grouping = (parameters, rates) => [{ parameters, ...rates }];

/**
 * The parts of a {@link Stage} that follow from its configuration.
 *
 * @param grouping default: one group with all parameters
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

/** Paths of the options that are counted in epochs of the stage, for `Method.stages`. */
export function countedInTraining(stage?: string): string[] {
  const prefix = stage === undefined ? '' : `${stage}.`;
  return ['warmup.epochs', 'every', 'milestones', 'epochs'].map((entry) => `${prefix}schedule.${entry}`);
}
