import { type SarbConfig, sarbConfigSchema } from '@ltml/sarb';
import type { TrackMethod } from '../track.ts';

/** A row of the track. */
export interface PartialLabelsRow extends TrackMethod {
  /** What the training of SARB's network blends; none for the linear head on pooled features. */
  readonly sarb?: (recipe: SarbRecipe) => SarbConfig;
}

/** What all rows with SARB's network share. */
export interface SarbRecipe {
  readonly epochs: number;
  readonly learningRate: number;
  /** Of α and β. */
  readonly shareLearningRate: number;
  /** D, and the inner features of the attention. */
  readonly features: number;
  readonly innerFeatures: number;
}

/**
 * A quarter of the epochs without blending, prototypes as often, half of them at a tenth of the rate: as published. Without
 * the contrastive loss, which costs SSGRL and SARB on held-out training images: see docs/benchmarks.md.
 */
function network(blending: object): PartialLabelsRow['sarb'] {
  return ({ epochs, learningRate, shareLearningRate, features, innerFeatures }) => {
    const quarter = Math.max(1, Math.round(epochs / 4));
    return sarbConfigSchema.parse({
      epochs,
      features,
      attention: { name: 'decoupling', innerFeatures },
      blending: { from: quarter, shareLearningRate, ...blending },
      contrastive: null,
      optimizer: { learningRate },
      schedule: { every: 2 * quarter },
    });
  };
}

const prototypes = (epochs: number): object => ({ prototypes: { every: Math.max(1, Math.round(epochs / 4)) } });

/** The rows by key, in the order of report. */
export const partialLabelsRows = {
  'partial-bce': {
    title: 'Partial BCE',
    description: 'A linear head on pooled features; cross-entropy over the known labels.',
  },
  ssgrl: {
    title: 'SSGRL',
    description: 'Semantic decoupling and the label graph, cross-entropy over the known labels.',
    after: 'partial-bce',
    sarb: network({ instances: null, prototypes: null }),
  },
  ilrb: {
    title: '+ ILRB',
    description: 'SSGRL with instance-level blending.',
    after: 'ssgrl',
    sarb: network({ prototypes: null }),
  },
  plrb: {
    title: '+ PLRB',
    description: 'SSGRL with prototype-level blending.',
    after: 'ssgrl',
    sarb: (recipe) => network({ instances: null, ...prototypes(recipe.epochs) })!(recipe),
  },
  sarb: {
    title: 'SARB',
    description: 'SSGRL with both kinds of blending (Pu et al., AAAI 2022).',
    after: 'ssgrl',
    sarb: (recipe) => network(prototypes(recipe.epochs))!(recipe),
  },
} as const satisfies Readonly<Record<string, PartialLabelsRow>>;

export type PartialLabelsKey = keyof typeof partialLabelsRows;
