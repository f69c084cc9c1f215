import * as z from 'zod';
import {
  byEpoch,
  constantRate,
  constantWarmup,
  cosineDecay,
  linearWarmup,
  multiStepDecay,
  oneCycle,
  type Schedule,
  stepDecay,
} from '../optim/schedules.ts';
import { type WarmupConfig, warmupConfigSchema, warmupSteps } from './warmup-config.ts';

/** How the learning rate changes over a stage. Lengths are in epochs. */
export type ScheduleConfig = ShapeConfig & { readonly warmup: WarmupConfig | null };

type ShapeConfig =
  | { readonly name: 'constant' }
  | CosineConfig
  /** Multiplies the rate by `gamma` every `every` epochs. */
  | { readonly name: 'step'; readonly every: number; readonly gamma: number }
  /** Multiplies the rate by `gamma` at the start of each of these epochs, counted from 0. */
  | { readonly name: 'multiStep'; readonly milestones: readonly number[]; readonly gamma: number }
  | OneCycleConfig;

/** Half a cosine that starts at the end of the warm-up. */
interface CosineConfig {
  readonly name: 'cosine';
  /** The final rate, ≥ 0; default 0. */
  readonly minLearningRate: number;
  /** Epochs of the fall; it may end after the stage. `null`: it ends with the stage. */
  readonly epochs: number | null;
  /** Whether the rate changes at each step or once an epoch. */
  readonly by: 'step' | 'epoch';
}

/** One cycle, see `oneCycle`. */
interface OneCycleConfig {
  readonly name: 'oneCycle';
  /** Length of the whole cycle; it may be longer than the stage. `null`: as long as the stage. */
  readonly epochs: number | null;
  /** Fraction of the steps in which the rate rises, in [0, 1); default 0.3. */
  readonly riseFraction: number;
  /** Momentum (SGD) or β₁ (Adam) at both ends and at the peak of the rate; `null` does not change it. */
  readonly momentum: readonly [atEnds: number, atPeak: number] | null;
}

const warmup = warmupConfigSchema.nullable().default(null);
const gamma = z.number().positive().default(0.1);
const momentum = z.number().min(0).lt(1);

/** Checks a schedule's entry and fills in its defaults. */
export const scheduleConfigSchema: z.ZodType<ScheduleConfig> = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant'), warmup }),
  z.strictObject({
    name: z.literal('cosine'),
    minLearningRate: z.number().nonnegative().default(0),
    epochs: z.int().positive().max(1e6).nullable().default(null),
    by: z.enum(['step', 'epoch']).default('step'),
    warmup,
  }),
  z.strictObject({ name: z.literal('step'), every: z.int().positive().max(1e6), gamma, warmup }),
  z.strictObject({
    name: z.literal('multiStep'),
    milestones: z.array(z.number().nonnegative().max(1e6)),
    gamma,
    warmup,
  }),
  z.strictObject({
    name: z.literal('oneCycle'),
    epochs: z.int().positive().max(1e6).nullable().default(null),
    riseFraction: z.number().min(0).lt(1).default(0.3),
    momentum: z.tuple([momentum, momentum]).nullable().default(null),
    warmup,
  }),
]);

/** The lengths and the rate from which a schedule is built. */
export interface StageLength {
  readonly epochs: number;
  readonly totalSteps: number;
  /** The optimiser's learning rate; the lowest rate becomes a fraction of it. */
  readonly learningRate: number;
}

/** Builds the schedule of a stage. */
export function buildSchedule(config: ScheduleConfig, length: StageLength): Schedule {
  const steps = config.warmup ? warmupSteps(config.warmup, length) : 0;
  const shape = buildShape(config, steps, length);
  const schedule = config.warmup ? warmedUp(shape, steps, config.warmup) : shape;
  const inEpochs = config.name === 'cosine' && config.by === 'epoch';
  return inEpochs ? byEpoch(schedule, length.totalSteps / length.epochs) : schedule;
}

function warmedUp(schedule: Schedule, steps: number, { from, learningRate }: WarmupConfig): Schedule {
  if (learningRate === null) return linearWarmup(schedule, { steps, from });
  return constantWarmup(schedule, { steps, learningRate });
}

function buildShape(config: ShapeConfig, start: number, { epochs, totalSteps, learningRate }: StageLength): Schedule {
  const stepsOf = (ofEpochs: number): number => (ofEpochs * totalSteps) / epochs;
  switch (config.name) {
    case 'constant':
      return constantRate();
    case 'cosine':
      // If the warm-up is as long as the stage, the cosine has no room, so only the ramp runs.
      return cosineDecay({
        start,
        end: Math.max(config.epochs === null ? totalSteps : start + stepsOf(config.epochs), start + 1),
        minimum: config.minLearningRate / learningRate,
      });
    case 'step':
      return stepDecay({ every: stepsOf(config.every), gamma: config.gamma });
    case 'multiStep':
      return multiStepDecay({ milestones: config.milestones.map(stepsOf), gamma: config.gamma });
    case 'oneCycle': {
      const { epochs: ofCycle, riseFraction, momentum } = config;
      return oneCycle({ totalSteps: ofCycle === null ? totalSteps : stepsOf(ofCycle), riseFraction, momentum });
    }
  }
}
