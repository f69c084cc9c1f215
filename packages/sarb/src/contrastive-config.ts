import * as z from 'zod';

/** The contrastive loss on features of classes, as configurations have it. */
export interface ContrastiveConfig {
  readonly weight: number;
  /** See `ContrastiveOptions`. */
  readonly pairs: 'sampled' | 'known' | 'all';
  readonly reduction: 'mean' | 'sum';
}

/** Defaults are those of the released code; null for none. */
export const contrastiveSchema: z.ZodType<ContrastiveConfig | null> = z
  .strictObject({
    weight: z.number().nonnegative().default(0.05),
    pairs: z.enum(['sampled', 'known', 'all']).default('sampled'),
    reduction: z.enum(['mean', 'sum']).default('mean'),
  })
  .nullable()
  .prefault({});
