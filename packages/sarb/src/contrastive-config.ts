import * as z from 'zod';

/** Configuration of the contrastive loss on class features. */
export interface ContrastiveConfig {
  /** Factor of the loss. */
  readonly weight: number;
  /** See {@link ContrastiveOptions}. `sampled` draws the order of the pairs at each step. */
  readonly pairs: 'sampled' | 'known' | 'all';
  /** See {@link ContrastiveOptions}. */
  readonly reduction: 'mean' | 'sum';
}

/** Schema of {@link ContrastiveConfig}. The defaults are those of the released code; null: no contrastive loss. */
export const contrastiveSchema: z.ZodType<ContrastiveConfig | null> = z
  .strictObject({
    weight: z.number().nonnegative().default(0.05),
    pairs: z.enum(['sampled', 'known', 'all']).default('sampled'),
    reduction: z.enum(['mean', 'sum']).default('mean'),
  })
  .nullable()
  .prefault({});
