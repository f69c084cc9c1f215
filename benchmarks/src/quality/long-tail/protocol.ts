import { type ClassifierConfig, classifierConfigSchema } from '@ltml/classifier';
import learningRates from './learning-rates.json' with { type: 'json' };
import type { LossRowKey } from './losses.ts';

/** What all methods of the track share: whoever changes a number here changes {@link LongTailProtocol.version}. */
export interface LongTailProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  /** Passes of as many images as the training set has, drawn by the method's sampler: equal steps for all. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Augmented views kept of each training image where features are cached; null: the encoder trains too. */
  readonly views: number | null;
  readonly learningRates: Readonly<Record<LossRowKey, number>>;
  /** Where the learning rates come from: a sentence for the report. */
  readonly learningRateNote: string;
}

/** Learning rates to choose from, for every method alike. */
export const learningRateGrid: readonly number[] = [3e-3, 1e-2, 3e-2, 1e-1, 3e-1];

/**
 * The protocols by the name of the suite. The checkpoint that counts is the last one: no test image has a say in it, nor
 * in any setting. Losses are set as published; the learning rates of `quick` come from cross-validation on training
 * images alone.
 */
export const protocols = {
  quick: {
    version: 'digits-lt@1/heads/1',
    seeds: [1, 2, 3],
    epochs: 60,
    batchSize: 32,
    views: 4,
    learningRates: learningRates.quick,
    learningRateNote:
      'The learning rate was chosen for each method from one grid, by three-fold cross-validation on the training images.',
  },
  full: {
    version: 'digits-lt@1/end-to-end/1',
    seeds: [1, 2, 3],
    epochs: 20,
    batchSize: 32,
    views: null,
    learningRates: learningRates.full,
    learningRateNote: 'The learning rate is the same for every method and was not tuned.',
  },
} as const satisfies Readonly<Record<string, LongTailProtocol>>;

/** The training of one method: a linear head (and in `full` the encoder) with AdamW and a cosine schedule. */
export function classifierConfig(epochs: number, learningRate: number): ClassifierConfig {
  return classifierConfigSchema.parse({
    epochs,
    optimizer: { name: 'adamw', learningRate, weightDecay: 1e-4 },
    schedule: { name: 'cosine' },
  });
}
