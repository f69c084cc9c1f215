import { type PartialLabelsKey, partialLabelsRows } from './methods.ts';
import settings from './settings.json' with { type: 'json' };

/** What all methods of the track share: whoever changes a number here changes {@link PartialLabelsProtocol.version}. */
export interface PartialLabelsProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  /** Shares of the training labels that are known. */
  readonly proportions: readonly number[];
  /** The rows that are trained. */
  readonly rows: readonly PartialLabelsKey[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Augmented views kept of the map of each training image. */
  readonly views: number;
  /**
   * D, and the inner features of the attention. D is the number of channels, so that the attention sees the maps as they are:
   * a layer before it, as the published network has one, is not learnt in so few steps.
   */
  readonly features: number;
  readonly innerFeatures: number;
  /**
   * Of α and β, which move by about their rate at each step, whatever the loss: the published 1e-5 times the steps on VOC
   * 2007 that blend before the rate falls, 5 · 313, for each one of ours.
   */
  readonly shareLearningRate: number;
  readonly learningRates: Readonly<Record<PartialLabelsKey, number>>;
}

/** Learning rates to choose from, for every method alike. */
export const learningRateGrid: readonly number[] = [1e-3, 3e-3, 1e-2, 3e-2];

/** The shares of known labels over which learning rates are chosen: one setting serves all proportions, as published. */
export const proportionsOfChoice: readonly number[] = [0.1, 0.5];

const shared = {
  batchSize: 32,
  views: 2,
  features: 96,
  innerFeatures: 32,
  shareLearningRate: 1e-4,
  learningRates: settings.learningRates,
} as const;

export const protocols = {
  quick: {
    ...shared,
    version: 'digits-lt@1/partial-two/3',
    seeds: [1],
    epochs: 20,
    proportions: [0.1, 0.5],
    rows: ['partial-bce', 'ssgrl', 'sarb'],
  },
  full: {
    ...shared,
    version: 'digits-lt@1/partial-five/3',
    seeds: [1, 2, 3],
    epochs: 40,
    proportions: [0.1, 0.3, 0.5, 0.7, 0.9],
    rows: Object.keys(partialLabelsRows) as PartialLabelsKey[],
  },
} as const satisfies Readonly<Record<string, PartialLabelsProtocol>>;
