import { type Freezing, OptionError } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type LossName, lossNames } from './published-losses.ts';

/** Configuration of prompt initialisation (PI). */
export interface PiConfig {
  /** τ, width of the hidden layer divided by the width of the prompts. Default 0.5: CPRFL, implementation details. */
  readonly expansion: number;
  /** Uses one linear layer without a hidden layer. Default false. We assume that the row "+ VSI" of Table 3 does so. */
  readonly linear: boolean;
}

/** Configuration of visual-semantic interaction (VSI). */
export interface VsiConfig {
  /** Number of layers. Default 1: CPRFL, implementation details. */
  readonly depth: number;
  /** Number of attention heads. Default 8: CPRFL, implementation details. */
  readonly heads: number;
  /** Width of the queries, keys and values of one head. Default 512: CPRFL, implementation details. */
  readonly headWidth: number;
  /** Units of the feed-forward layer. Default 2048: CPRFL, implementation details. */
  readonly hiddenWidth: number;
  /** Dropout after the output projection, the GELU and the last layer, in [0, 1). Default 0.1: authors' code. */
  readonly dropout: number;
  /**
   * `pre`: layer norm before attention and before the feed-forward layer, as in the authors' code. Default `pre`.
   * Equations 3–5 have no norm.
   */
  readonly norm: 'pre' | 'none';
  /**
   * The projection of the heads back to the width of the tokens. Default `linear`.
   *
   * - `linear`: as in the authors' code. That code leaves it out if there is one head and it has the width of the
   *   tokens; so do we, unless `residual` is set.
   * - `neck`: two layers, the hidden one twice as wide as all heads together. An option of the authors' code.
   * - `none`: as in equations 3–5.
   */
  readonly outputProjection: 'linear' | 'neck' | 'none';
  /**
   * Divides scores by √(width of a head), as in the authors' code, or by √(width of tokens), as in equation 3. Default
   * `head`.
   */
  readonly scale: 'head' | 'width';
  /** Residual connections around attention and around the feed-forward layer. Default false, as in paper and code. */
  readonly residual: boolean;
}

/** Configuration of the head. */
export interface CprflHeadConfig {
  /** D, common width of visual tokens and prompts. Default 2048: CPRFL, implementation details. */
  readonly width: number;
  /** Prompt initialisation. */
  readonly pi: PiConfig;
  /** Null: the baseline of Table 3, a global average pool and a linear layer without prompts. */
  readonly vsi: VsiConfig | null;
  /** Stops the gradient to the prompts as classifier weights. Default false. An ablation of the authors' code. */
  readonly stopClassifierGradient: boolean;
  /**
   * Stops the gradient to the class features: only the prompts learn. Default false. An ablation of the authors' code.
   */
  readonly stopFeatureGradient: boolean;
}

/**
 * Configuration of CPRFL: the head and its training. Defaults of the training, with their sources:
 *
 * - `epochs`: 30 (CPRFL, implementation details). The authors' code stops at 79.
 * - `optimizer`: AdamW (authors' code). The paper names Adam, whose weight decay is coupled: `adam`. The peak learning
 *   rate is 1e-5 for COCO-LT and 5e-5 for VOC-LT (CPRFL, implementation details). Weight decay is 1e-4 for parameters
 *   with two axes or more (paper and code).
 * - `schedule`: one cycle of learning rate and β₁, planned for 80 epochs (authors' code). The paper names no schedule.
 * - `averageDecay`: 0.998 (authors' code).
 */
export interface CprflConfig extends CprflHeadConfig, TrainingConfig {
  /** The loss, unless the parts contain a criterion. Default `asymmetric`: CPRFL, equation 9. */
  readonly loss: LossName;
  readonly encoder: {
    /**
     * Multiplies the learning rate of the encoder. Default 1, as the authors' code runs. They probably intended 0.1.
     */
    readonly learningRateScale: number;
  };
  /** The frozen parts of the encoder. Default: none, the whole encoder trains, as published. */
  readonly freeze: Freezing;
}

const piSchema: z.ZodType<PiConfig> = z.strictObject({
  expansion: z.number().positive().max(1000).default(0.5),
  linear: z.boolean().default(false),
});

const vsiSchema: z.ZodType<VsiConfig> = z.strictObject({
  depth: z.int().positive().max(1000).default(1),
  heads: z.int().positive().max(1000).default(8),
  headWidth: z.int().positive().max(65_536).default(512),
  hiddenWidth: z.int().positive().max(65_536).default(2048),
  dropout: z.number().min(0).lt(1).default(0.1),
  norm: z.enum(['pre', 'none']).default('pre'),
  outputProjection: z.enum(['linear', 'neck', 'none']).default('linear'),
  scale: z.enum(['head', 'width']).default('head'),
  residual: z.boolean().default(false),
});

/** Schema of {@link CprflConfig}. The defaults are those of CPRFL on COCO-LT. */
export const cprflConfigSchema: z.ZodType<CprflConfig> = z
  .strictObject({
    width: z.int().positive().max(65_536).default(2048),
    pi: piSchema.prefault({}),
    vsi: vsiSchema.nullable().prefault({}),
    stopClassifierGradient: z.boolean().default(false),
    stopFeatureGradient: z.boolean().default(false),
    loss: z.enum(lossNames).default('asymmetric'),
    ...trainingShape({
      epochs: 30,
      optimizer: { name: 'adamw', learningRate: 1e-5, weightDecay: 1e-4 },
      schedule: { name: 'oneCycle', epochs: 80, riseFraction: 0.1, momentum: [0.95, 0.85] },
      averageDecay: 0.998,
    }),
    encoder: z.strictObject({ learningRateScale: z.number().positive().default(1) }).prefault({}),
    freeze: freezingConfigSchema({ parameters: null, statistics: null }),
  })
  .refine(({ width, pi }) => pi.linear || Math.trunc(pi.expansion * width) >= 1, {
    path: ['pi', 'expansion'],
    error: 'leaves the hidden layer without units',
  })
  .refine(({ vsi, width }) => !(vsi?.residual && attendedWidth(vsi, width) !== width), {
    path: ['vsi', 'residual'],
    error: 'needs an output projection, or heads that are together as wide as the tokens',
  })
  .refine(({ stopClassifierGradient, stopFeatureGradient }) => !(stopClassifierGradient && stopFeatureGradient), {
    path: ['stopFeatureGradient'],
    error: 'leaves nothing to learn beside stopClassifierGradient',
  })
  .refine(({ epochs, schedule }) => schedule.name !== 'oneCycle' || epochs <= (schedule.epochs ?? epochs), {
    path: ['epochs'],
    error: 'should be at most schedule.epochs',
  });

/**
 * The full configuration of a head with prompts: missing options get their defaults.
 *
 * @throws OptionError for an invalid option, and for `vsi: null`
 */
export function resolveHeadConfig(options: object): CprflHeadConfig & { readonly vsi: VsiConfig } {
  const { data, error } = cprflConfigSchema.safeParse(options);
  if (data?.vsi) return { ...data, vsi: data.vsi };
  const { path, message } = error?.issues[0] ?? { path: ['vsi'], message: 'The head without prompts is PooledHead.' };
  const at = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], options);
  throw new OptionError({
    where: 'CprflHead',
    argument: ['options', ...path].join('.'),
    expected: 'a valid CprflHeadConfig',
    received: JSON.stringify(at),
    hint: message,
  });
}

/** Width of the attention output: that of the tokens, or without output projection that of all heads together. */
export function attendedWidth({ outputProjection, heads, headWidth }: Omit<VsiConfig, 'depth'>, width: number): number {
  return outputProjection === 'none' ? heads * headWidth : width;
}
