import * as z from 'zod';

/**
 * A warm-up at the start of a stage. Either a linear ramp from `from` times the rate at the first step to the full rate
 * after `epochs` or `steps`, or one constant rate for all parameters during that time.
 */
export interface WarmupConfig {
  /** Length in epochs, may be a fraction; `null` if {@link steps} is given. */
  readonly epochs: number | null;
  /** Length in optimiser steps; `null` if {@link epochs} is given. */
  readonly steps: number | null;
  /** Fraction of the rate at the first step of a ramp, in [0, 1]; default 0. */
  readonly from: number;
  /** The constant rate; `null` for a ramp. */
  readonly learningRate: number | null;
}

/** Checks a warm-up's entry and fills in its defaults. */
export const warmupConfigSchema: z.ZodType<WarmupConfig> = z
  .strictObject({
    epochs: z.number().nonnegative().max(1e6).nullable().default(null),
    steps: z.int().nonnegative().max(1e8).nullable().default(null),
    from: z.number().min(0).max(1).default(0),
    learningRate: z.number().nonnegative().nullable().default(null),
  })
  .refine(({ epochs, steps }) => (epochs === null) !== (steps === null), {
    error: 'give either epochs or steps, and leave out the other',
  });

/** The length of a warm-up in optimiser steps; may be a fraction. */
export function warmupSteps(
  { epochs, steps }: WarmupConfig,
  stage: { readonly epochs: number; readonly totalSteps: number },
): number {
  return steps ?? ((epochs ?? 0) * stage.totalSteps) / stage.epochs;
}
