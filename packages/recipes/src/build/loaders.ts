import { BatchLoader, type InputParts, type InputSource, type LabelledInputs } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import type { TrainLoader } from '@ltml/train';
import { mixOf } from '../parts/mixes.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Draws } from './draws.ts';

/** The loaders that `fit` reads batches from. */
export interface Loaders {
  readonly loader: TrainLoader;
  /** Loaders of stages that sample or see images differently from the first stage. */
  readonly stageLoaders: Readonly<Record<string, TrainLoader>>;
}

/** What loaders are made from. */
export interface LoaderParts {
  /** One for each stage of the learner. */
  readonly draws: readonly Draws[];
  readonly train: LabelledInputs;
  /** Training pictures in the method's own views, if it has any. */
  readonly views: InputParts | undefined;
  readonly random: RandomStreams;
}

/** Makes the loaders of a learner's stages. Stages that sample alike share one. */
export function loadersOf(recipe: Recipe, { stages }: Learner, { draws, train, views, random }: LoaderParts): Loaders {
  const mix = mixOf(recipe);
  const loaders = new Map(
    draws.map((stage) => {
      const dataset = stage.views && views ? { ...train, inputs: views } : train;
      return [
        stage,
        new BatchLoader<InputSource | InputParts>({
          dataset,
          sampler: stage.sampler,
          batchSize: stage.batchSize,
          dropLast: recipe.dropLast,
          random,
          ...(mix && { mix }),
        }),
      ];
    }),
  );
  const [loader, ...later] = draws.map((stage) => loaders.get(stage) as TrainLoader);
  const others = later.map((own, i) => [stages[i + 1].name, own] as const).filter(([, own]) => own !== loader);
  return { loader, stageLoaders: Object.fromEntries(others) };
}
