import type { Freezing } from '@ltml/tensor';
import { freezingConfigSchema, type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';
import { type MlcNcWeights, mlcNcWeights } from './loss.ts';

/** Configuration of MLC-NC and of its training. */
export interface MlcNcConfig extends TrainingConfig {
  /** D, width of tokens and class features. A multiple of `heads`. Default 768. */
  readonly width: number;
  /** P, width of the projected class features. Default 20. */
  readonly projection: number;
  /** Number of attention heads. Default 8. */
  readonly heads: number;
  /** Dropout of the attention weights. Default 0.1. */
  readonly dropout: number;
  /** Factor of positive entries of the class features. Default 1: no change. */
  readonly alpha: number;
  /** Trains the classifier, as the authors' code does. Default false, as the paper says. */
  readonly trainClassifier: boolean;
  /** Weights of the loss terms after the first `alignmentEpochs` epochs. Default 1, 0.5 and 0.1: authors' code. */
  readonly weights: MlcNcWeights;
  /** Number of first epochs with the alignment loss only. Default 5: authors' code. */
  readonly alignmentEpochs: number;
  /** The frozen parts of the encoder. Default: none, the whole encoder trains, as published. */
  readonly freeze: Freezing;
}

const weight = z.number().nonnegative();

/** Schema of {@link MlcNcConfig}. The defaults are those of the authors' code. */
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
  /** For batches of 64 images of 224 × 224, and a ResNet-50. Source: the code of MLC-NC (AAAI 2025). */
  published: mlcNcConfigSchema.parse({}),
};
