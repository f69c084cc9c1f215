import { BatchLoader, type InputParts, type InputSource, type LabelledInputs } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import type { TrainLoader } from '@ltml/train';
import { mixOf } from '../parts/mixes.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Draws } from './draws.ts';

/** What training reads its batches from, as `fit` takes it. */
export interface Loaders {
  readonly loader: TrainLoader;
  /** Of stages that draw or see images in another way than the first. */
  readonly stageLoaders: Readonly<Record<string, TrainLoader>>;
}

/** What batches are made of. */
export interface LoaderParts {
  /** Of each stage of the learner. */
  readonly draws: readonly Draws[];
  readonly train: LabelledInputs;
  /** Training pictures in the views of the method, if it has any. */
  readonly views: InputParts | undefined;
  readonly random: RandomStreams;
}

/** The loaders of a learner's stages: stages that draw alike share one. */
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
