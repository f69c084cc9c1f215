import * as z from 'zod';

/**
 * A linear ramp from `from` times the rate at the first step to the whole of it after so many epochs or steps; or one rate
 * for all parameters so long.
 */
export interface WarmupConfig {
  /** May end within an epoch. Null where {@link steps} tell. */
  readonly epochs: number | null;
  readonly steps: number | null;
  readonly from: number;
  /** The one rate; null for a ramp. */
  readonly learningRate: number | null;
}

export const warmupConfigSchema: z.ZodType<WarmupConfig> = z
  .strictObject({
    epochs: z.number().nonnegative().max(1e6).nullable().default(null),
    steps: z.int().nonnegative().max(1e8).nullable().default(null),
    from: z.number().min(0).max(1).default(0),
    learningRate: z.number().nonnegative().nullable().default(null),
  })
  .refine(({ epochs, steps }) => (epochs === null) !== (steps === null), {
    error: 'either epochs or steps should be given, the other null or left out',
  });

export function warmupSteps(
  { epochs, steps }: WarmupConfig,
  stage: { readonly epochs: number; readonly totalSteps: number },
): number {
  return steps ?? ((epochs ?? 0) * stage.totalSteps) / stage.epochs;
}
