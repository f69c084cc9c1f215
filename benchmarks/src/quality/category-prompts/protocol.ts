import { type CprflConfig, cprflConfigSchema } from '@ltml/cprfl';
import type { CategoryPromptsKey, CategoryPromptsRow } from './methods.ts';
import settings from './settings.json' with { type: 'json' };

/** What all methods of the track share: whoever changes a number here changes {@link CategoryPromptsProtocol.version}. */
export interface CategoryPromptsProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Augmented views kept of the map of each training image. */
  readonly views: number;
  readonly learningRates: Readonly<Record<CategoryPromptsKey, number>>;
}

/** Learning rates to choose from: of linear heads, each for itself, and of CPRFL's head, one for all of its rows. */
export const learningRateGrids = {
  linear: [3e-2, 1e-1, 3e-1, 1],
  cprfl: [1e-3, 2e-3, 4e-3, 8e-3],
} as const;

export const protocol: CategoryPromptsProtocol = {
  version: 'digits-lt@1/category-prompts/1',
  seeds: [1, 2, 3, 4, 5],
  epochs: 15,
  batchSize: 32,
  views: 4,
  learningRates: settings.learningRates,
};

/** CPRFL at a sixteenth of its width, trained as published: AdamW, one cycle with cycled β₁, averaged weights. */
export function configOf(row: CategoryPromptsRow, epochs: number, learningRate: number): CprflConfig {
  return cprflConfigSchema.parse({
    width: 128,
    vsi: { heads: 4, headWidth: 32, hiddenWidth: 128 },
    epochs,
    scheduleEpochs: epochs,
    optimizer: { learningRate },
    ...row.config,
  });
}
