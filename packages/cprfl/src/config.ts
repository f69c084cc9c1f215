import { type Freezing, OptionError } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type LossName, lossNames } from './published-losses.ts';

/** Prompt initialisation. */
export interface PiConfig {
  /** τ, width of the hidden layer by that of the prompts. Default 0.5: CPRFL, implementation details. */
  readonly expansion: number;
  /** One linear layer instead; default false. The row "+ VSI" of Table 3 is read as this. */
  readonly linear: boolean;
}

/** Visual-semantic interaction. */
export interface VsiConfig {
  /** Default 1: CPRFL, implementation details. */
  readonly depth: number;
  /** Default 8: the same. */
  readonly heads: number;
  /** Columns of queries, keys and values of one head; default 512: the same. */
  readonly headWidth: number;
  /** Units of the feed-forward layer; default 2048: the same. */
  readonly hiddenWidth: number;
  /** After the output projection, the GELU and the last layer; default 0.1: authors' code. */
  readonly dropout: number;
  /** Layer norm before attention and feed-forward layer; default `pre`: authors' code. Equations 3–5 have none. */
  readonly norm: 'pre' | 'none';
  /**
   * From the heads back to the width of the tokens; default `linear`: authors' code, which leaves it out where one head
   * has that width (we keep it under a residual connection). `neck` has a hidden layer of twice the heads' width, an option of that code. Equations 3–5 have none.
   */
  readonly outputProjection: 'linear' | 'neck' | 'none';
  /** Scores are divided by the root of the width of a head, as in the authors' code, or of the tokens, as in equation 3. */
  readonly scale: 'head' | 'width';
  /** Adds the input to attention and feed-forward layer; default false, as in paper and code. */
  readonly residual: boolean;
}

/** What the head is made of. */
export interface CprflHeadConfig {
  /** D, common width of visual tokens and prompts. Default 2048: CPRFL, implementation details. */
  readonly width: number;
  readonly pi: PiConfig;
  /** Null is the baseline of Table 3: global average pool and a linear layer, without prompts. */
  readonly vsi: VsiConfig | null;
  /** Keeps the gradient of the classifier from the prompts; default false. An ablation switch of the authors' code. */
  readonly stopClassifierGradient: boolean;
  /** Keeps the gradient from the class features, so that only the prompts learn; default false. Another such switch. */
  readonly stopFeatureGradient: boolean;
}

/**
 * Besides the head, how it trains.
 *
 * - `epochs`: 30, CPRFL, implementation details; the authors' code stops at 79.
 * - `optimizer`: AdamW (authors' code; `adam` with its coupled decay is the paper). Rate at the peak of the cycle: 1e-5,
 *   COCO-LT; 5e-5 for VOC-LT: CPRFL, implementation details. Weights with two axes or more decay, by 1e-4: paper and code.
 * - `schedule`: one cycle of learning rate and β₁, laid out for 80 epochs: authors' code. The paper names no schedule.
 * - `averageDecay`: 0.998, authors' code.
 */
export interface CprflConfig extends CprflHeadConfig, TrainingConfig {
  /** Where the parts bring no criterion of their own. Default `asymmetric`: CPRFL, equation 9. */
  readonly loss: LossName;
  readonly encoder: {
    /** Multiplies the learning rate of the encoder. Default 1, what the authors' code does; 0.1 is what it seems to mean. */
    readonly learningRateScale: number;
  };
  /** What of the encoder does not train. Default null and null: all of it trains, as published. */
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

/** Defaults are those of CPRFL on COCO-LT. */
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
 * What a head with prompts is made of, with defaults for what is left out.
 *
 * @throws OptionError
 */
export function resolveHeadConfig(options: object): CprflHeadConfig & { readonly vsi: VsiConfig } {
  const { data, error } = cprflConfigSchema.safeParse(options);
  if (data?.vsi) return { ...data, vsi: data.vsi };
  const { path, message } = error?.issues[0] ?? { path: ['vsi'], message: 'The head without prompts is PooledHead.' };
  const at = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], options);
  throw new OptionError({
    where: 'CprflHead',
    argument: ['options', ...path].join('.'),
    expected: 'as CprflHeadConfig tells',
    received: JSON.stringify(at),
    hint: message,
  });
}

/** What the attention gives: the width of the tokens, or of the heads where nothing projects them back. */
export function attendedWidth({ outputProjection, heads, headWidth }: Omit<VsiConfig, 'depth'>, width: number): number {
  return outputProjection === 'none' ? heads * headWidth : width;
}
