import type { PartialLabelsKey } from './methods.ts';
import settings from './settings.json' with { type: 'json' };

/** What all methods of the track share: whoever changes a number here changes {@link PartialLabelsProtocol.version}. */
export interface PartialLabelsProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  /** Shares of the training labels that are known. */
  readonly proportions: readonly number[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Augmented views kept of the map of each training image. */
  readonly views: number;
  /** D, and the inner features of the attention. */
  readonly features: number;
  readonly innerFeatures: number;
  readonly learningRates: Readonly<Record<PartialLabelsKey, number>>;
}

/** Learning rates to choose from, for every method alike. */
export const learningRateGrid: readonly number[] = [1e-3, 3e-3, 1e-2, 3e-2, 1e-1];

/** The share of known labels at which learning rates are chosen: one setting serves all proportions, as published. */
export const proportionOfChoice = 0.5;

const shared = {
  seeds: [1, 2, 3],
  epochs: 40,
  batchSize: 32,
  views: 2,
  features: 96,
  innerFeatures: 32,
  learningRates: settings.learningRates,
} as const;

export const protocols = {
  quick: { ...shared, version: 'digits-lt@1/partial-two/1', proportions: [0.1, 0.5] },
  full: { ...shared, version: 'digits-lt@1/partial-five/1', proportions: [0.1, 0.3, 0.5, 0.7, 0.9] },
} as const satisfies Readonly<Record<string, PartialLabelsProtocol>>;
