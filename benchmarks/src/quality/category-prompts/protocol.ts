import { type CprflConfig, cprflConfigSchema } from '@ltml/cprfl';
import { type CategoryPromptsKey, type CategoryPromptsRow, categoryPromptsRows } from './methods.ts';
import settings from './settings.json' with { type: 'json' };

/** What all methods of the track share: whoever changes a number here changes {@link CategoryPromptsProtocol.version}. */
export interface CategoryPromptsProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  /** The rows that are trained. */
  readonly rows: readonly CategoryPromptsKey[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Augmented views kept of the map of each training image. */
  readonly views: number;
  /** Averages the maps over 2 × 2 places, which leaves a quarter of the tokens. */
  readonly halve: boolean;
  /** D, features of CPRFL's head. */
  readonly width: number;
  /**
   * Of the averaged weights. The published 0.998 averages over about 500 of the 1,790 steps on COCO-LT; a shorter run needs
   * a shorter average, or it is judged by what it was at the start.
   */
  readonly averageDecay: number;
  readonly learningRates: Readonly<Partial<Record<CategoryPromptsKey, number>>>;
}

/** Learning rates to choose from: of linear heads, each for itself, and of CPRFL's head, one for all of its rows. */
export const learningRateGrids = {
  linear: [3e-2, 1e-1, 3e-1, 1],
  cprfl: [1e-3, 2e-3, 4e-3, 8e-3],
} as const;

/** `quick` is for WebAssembly: CPRFL's head against linear heads, with either loss, at a quarter of the work. */
export const protocols = {
  quick: {
    version: 'digits-lt@1/category-prompts-quick/1',
    seeds: [1, 2, 3, 4, 5],
    rows: ['focal', 'vsi-pi', 'cprfl', 'asl'],
    epochs: 16,
    batchSize: 32,
    views: 2,
    halve: true,
    width: 64,
    averageDecay: 0.993,
    learningRates: settings.quick,
  },
  full: {
    version: 'digits-lt@1/category-prompts/2',
    seeds: [1, 2, 3, 4, 5],
    rows: Object.keys(categoryPromptsRows) as CategoryPromptsKey[],
    epochs: 15,
    batchSize: 32,
    views: 4,
    halve: false,
    width: 128,
    averageDecay: 0.993,
    learningRates: settings.full,
  },
} as const satisfies Readonly<Record<string, CategoryPromptsProtocol>>;

/** CPRFL at a small width, trained as published: AdamW, one cycle with cycled β₁, averaged weights. */
export function configOf(
  row: CategoryPromptsRow,
  { epochs, width, averageDecay }: Pick<CategoryPromptsProtocol, 'epochs' | 'width' | 'averageDecay'>,
  learningRate: number,
): CprflConfig {
  return cprflConfigSchema.parse({
    width,
    vsi: { heads: 4, headWidth: width / 4, hiddenWidth: width },
    epochs,
    schedule: { epochs },
    averageDecay,
    optimizer: { learningRate },
    ...row.config,
  });
}
