import { type Sampler, UniformSampler } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import type { Method, StageOutline } from '@ltml/tensor/contract';
import type { SparseLabels } from '@ltml/tensor/labels';
import { samplers } from '../parts/samplers.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';

/** How a stage samples its images, and how long its epochs are. */
export interface Draws {
  readonly sampler: Sampler;
  /** Images per batch. */
  readonly batchSize: number;
  /** Whether the stage trains on the views of its method, instead of the pictures that the learner predicts from. */
  readonly views: boolean;
  /** Images sampled in an epoch; a batch that is dropped does not count. */
  readonly imagesPerEpoch: number;
  /** Optimiser steps per epoch. */
  readonly stepsPerEpoch: number;
}

/**
 * How each stage of the recipe's method samples images. Most stages use the sampler of the recipe. A stage with its own
 * views samples each image once per epoch.
 *
 * @throws EntryError if an epoch would have no batch
 */
export function drawsOf(
  recipe: Recipe,
  method: Pick<Method, 'stages'>,
  labels: SparseLabels,
  random: RandomStreams,
): readonly Draws[] {
  // A method without stages gets a loader, too, which nothing reads.
  const stages: readonly StageOutline[] = method.stages.length > 0 ? method.stages : [{ name: 'none', length: '' }];
  const sizes = batchSizesOf(
    recipe,
    stages.map(({ name }) => name),
  );
  const sampler = samplers.create(recipe.sampler, { labels, random: random.stream('shuffle') });
  const once = new UniformSampler({ length: labels.rows, random: random.stream('views') });
  const made: Draws[] = [];
  return stages.map(({ views = false }, i) => {
    // Stages that sample alike share one loader.
    const same = made.find((draws) => draws.views === views && draws.batchSize === sizes[i]);
    if (same) return same;
    const draws = drawsBy(views ? once : sampler, views, sizes[i], recipe);
    made.push(draws);
    return draws;
  });
}

/** Images per batch in each stage. @throws EntryError if the recipe names an unknown stage, or leaves one out */
function batchSizesOf({ batchSize, method }: Recipe, stages: readonly string[]): number[] {
  if (typeof batchSize === 'number') return stages.map(() => batchSize);
  const named = Object.keys(batchSize);
  if (named.length === stages.length && stages.every((stage) => Object.hasOwn(batchSize, stage))) {
    return stages.map((stage) => batchSize[stage]);
  }
  throw new EntryError(
    `should name the stages of ${method.name}: ${stages.join(', ')}; got ${named.join(', ')}`,
    'batchSize',
  );
}

function drawsBy(sampler: Sampler, views: boolean, batchSize: number, { dropLast, accumulate }: Recipe): Draws {
  const { epochLength } = sampler;
  if (dropLast && epochLength < batchSize) {
    const message = `${batchSize} with dropLast leaves no batch in an epoch of ${epochLength} images`;
    throw new EntryError(message, 'batchSize');
  }
  const imagesPerEpoch = dropLast ? epochLength - (epochLength % batchSize) : epochLength;
  const batches = Math.ceil(imagesPerEpoch / batchSize);
  return { sampler, batchSize, views, imagesPerEpoch, stepsPerEpoch: Math.ceil(batches / accumulate) };
}
