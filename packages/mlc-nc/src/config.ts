import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type MlcNcWeights, mlcNcWeights } from './loss.ts';

/** What MLC-NC is made of and how it trains. */
export interface MlcNcConfig extends TrainingConfig {
  /** D, default 768. */
  readonly width: number;
  /** P, default 20. */
  readonly projection: number;
  /** Default 8. */
  readonly heads: number;
  /** Of the attention weights, default 0.1. */
  readonly dropout: number;
  /** Multiplies class features where they are above 0; default 1, nothing. */
  readonly alpha: number;
  /** Trains the classifier's frame, as the authors' code does; default false, as the paper says. */
  readonly trainClassifier: boolean;
  /** Weights of the terms from `alignmentEpochs` on; default 1, 0.5 and 0.1: authors' code. */
  readonly weights: MlcNcWeights;
  /** Epochs at the start that learn the alignment alone, default 5: authors' code. */
  readonly alignmentEpochs: number;
  /** What of the encoder does not train. Default null and null: all of it trains, as published. */
  readonly freeze: Freezing;
}

const weight = z.number().nonnegative();

/** Defaults are those of the authors' code. */
export const mlcNcConfigSchema: z.ZodType<MlcNcConfig> = z
  .strictObject({
    width: z.int().positive().max(65_536).default(768),
    projection: z.int().positive().max(4096).default(20),
    heads: z.int().positive().max(1000).default(8),
    dropout: z.number().min(0).lt(1).default(0.1),
    alpha: z.number().positive().default(1),
    trainClassifier: z.boolean().default(false),
    weights: z
      .strictObject({
        twoWay: weight.default(mlcNcWeights.all.twoWay),
        alignment: weight.default(mlcNcWeights.all.alignment),
        prototype: weight.default(mlcNcWeights.all.prototype),
      })
      .prefault({}),
    alignmentEpochs: z.int().nonnegative().default(5),
    ...trainingShape({
      epochs: 100,
      optimizer: { name: 'adam', learningRate: 1e-4, weightDecay: 1e-4 },
      schedule: { name: 'oneCycle', riseFraction: 0.2 },
      averageDecay: 0.9997,
    }),
    freeze: freezingConfigSchema({ parameters: null, statistics: null }),
  })
  .refine(({ width, heads }) => width % heads === 0, { path: ['width'], error: 'should be a multiple of heads' });

/** Configurations by name. */
export const mlcNcPresets: Readonly<Record<'published', MlcNcConfig>> = {
  /** Batches of 64, images of 224 × 224, a ResNet-50. Source: the code of MLC-NC (AAAI 2025). */
  published: mlcNcConfigSchema.parse({}),
};
