import { Adam, AdamW, Sgd } from '@ltml/tensor';
import type { NamedParameter, Optimizer } from '@ltml/tensor/contract';
import { z } from 'zod';

interface Rates {
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** SGD with coupled L2, as PyTorch's. */
interface SgdConfig extends Rates {
  readonly name: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** Adam, with coupled (`adam`) or decoupled (`adamw`) weight decay. */
interface AdamConfig extends Rates {
  readonly name: 'adam' | 'adamw';
  readonly beta1: number;
  readonly beta2: number;
}

export type OptimizerConfig = SgdConfig | AdamConfig;

const rates = { learningRate: z.number().positive(), weightDecay: z.number().nonnegative().default(0) };
const decay = z.number().min(0).lt(1);
const adam = { ...rates, beta1: decay.default(0.9), beta2: decay.default(0.999) };

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

/** Builds the optimiser over one group of parameters. */
export function buildOptimizer(config: OptimizerConfig, parameters: readonly NamedParameter[]): Optimizer {
  const { learningRate, weightDecay } = config;
  const groups = [{ parameters, learningRate, weightDecay }];
  if (config.name === 'sgd') return new Sgd(groups, { momentum: config.momentum, nesterov: config.nesterov });
  return new (config.name === 'adam' ? Adam : AdamW)(groups, { beta1: config.beta1, beta2: config.beta2 });
}
