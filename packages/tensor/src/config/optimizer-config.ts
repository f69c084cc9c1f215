import * as z from 'zod';
import type { Optimizer } from '../contract/index.ts';
import { Adam, AdamW } from '../optim/adam.ts';
import type { ParameterGroup } from '../optim/optimizer.ts';
import { Sgd } from '../optim/sgd.ts';

interface Rates {
  /** η > 0. */
  readonly learningRate: number;
  /** λ ≥ 0; default 0. */
  readonly weightDecay: number;
}

/** SGD with momentum and coupled L2 weight decay, as PyTorch's `SGD`. */
export interface SgdConfig extends Rates {
  readonly name: 'sgd';
  /** μ in [0, 1); default 0.9. */
  readonly momentum: number;
  /** Nesterov momentum; default false. */
  readonly nesterov: boolean;
}

/** Adam with coupled (`adam`) or decoupled (`adamw`) weight decay. */
export interface AdamConfig extends Rates {
  readonly name: 'adam' | 'adamw';
  /** β₁ in [0, 1); default 0.9. */
  readonly beta1: number;
  /** β₂ in [0, 1); default 0.999. */
  readonly beta2: number;
}

/** The optimiser of a stage. */
export type OptimizerConfig = SgdConfig | AdamConfig;

const rates = { learningRate: z.number().positive(), weightDecay: z.number().nonnegative().default(0) };
const decay = z.number().min(0).lt(1);
const adam = { ...rates, beta1: decay.default(0.9), beta2: decay.default(0.999) };

/** Checks an optimiser's entry and fills in its defaults. */
export const optimizerConfigSchema: z.ZodType<OptimizerConfig> = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('sgd'),
    ...rates,
    momentum: decay.default(0.9),
    nesterov: z.boolean().default(false),
  }),
  z.strictObject({ name: z.literal('adam'), ...adam }),
  z.strictObject({ name: z.literal('adamw'), ...adam }),
]);

/** Builds the optimiser. Each group has its own learning rate and weight decay. */
export function buildOptimizer(config: OptimizerConfig, groups: readonly ParameterGroup[]): Optimizer {
  if (config.name === 'sgd') return new Sgd(groups, { momentum: config.momentum, nesterov: config.nesterov });
  return new (config.name === 'adam' ? Adam : AdamW)(groups, { beta1: config.beta1, beta2: config.beta2 });
}
