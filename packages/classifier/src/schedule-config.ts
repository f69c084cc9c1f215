import { constantRate, cosineDecay, linearWarmup, multiStepDecay, oneCycle, type Schedule } from '@ltml/tensor';
import { z } from 'zod';

/** How the learning rate moves over a stage, besides its warm-up. */
export type ScheduleConfig =
  | { readonly name: 'constant' }
  | { readonly name: 'cosine' }
  | { readonly name: 'oneCycle'; readonly riseFraction: number }
  /** Times 0.1 from the start of each of these epochs on, counted from 0. */
  | { readonly name: 'multiStep'; readonly epochs: readonly number[] };

/** A linear ramp from `from` times the rate at step 0 to the whole of it at step `steps`. */
export interface WarmupConfig {
  readonly steps: number;
  readonly from: number;
}

export const scheduleConfigSchema: z.ZodType<ScheduleConfig> = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant') }),
  z.strictObject({ name: z.literal('cosine') }),
  z.strictObject({ name: z.literal('oneCycle'), riseFraction: z.number().min(0).lt(1).default(0.3) }),
  z.strictObject({ name: z.literal('multiStep'), epochs: z.array(z.number().nonnegative()).min(1) }),
]);

export const warmupConfigSchema: z.ZodType<WarmupConfig> = z.strictObject({
  steps: z.int().nonnegative().max(1e8),
  from: z.number().min(0).max(1).default(0),
});

/** The rates over a stage of so many epochs and steps. */
export function buildSchedule(
  config: ScheduleConfig,
  warmup: WarmupConfig | null,
  length: { readonly epochs: number; readonly totalSteps: number },
): Schedule {
  const schedule = buildShape(config, warmup?.steps ?? 0, length);
  return warmup ? linearWarmup(schedule, warmup) : schedule;
}

function buildShape(
  config: ScheduleConfig,
  warmupSteps: number,
  { epochs, totalSteps }: { readonly epochs: number; readonly totalSteps: number },
): Schedule {
  switch (config.name) {
    case 'constant':
      return constantRate();
    case 'cosine':
      // A warm-up longer than the stage leaves no room for the fall; the ramp alone goes on then.
      return cosineDecay({ start: warmupSteps, end: Math.max(totalSteps, warmupSteps + 1) });
    case 'oneCycle':
      return oneCycle({ totalSteps, riseFraction: config.riseFraction, momentum: null });
    case 'multiStep':
      return multiStepDecay({ milestones: config.epochs.map((epoch) => (epoch * totalSteps) / epochs) });
  }
}
