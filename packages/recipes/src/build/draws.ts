import { type Sampler, UniformSampler } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import { methods } from '../parts/methods.ts';
import { samplers } from '../parts/samplers.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';

/** How a stage draws its images, and what an epoch of it is. */
export interface Draws {
  readonly sampler: Sampler;
  /** Whether the stage sees pictures in the views of its method, instead of what the learner predicts from. */
  readonly views: boolean;
  readonly imagesPerEpoch: number;
  /** Optimiser steps. */
  readonly stepsPerEpoch: number;
}

/**
 * The draws of each stage of the recipe's method. Stages that see plain pictures draw as the recipe says; one that sees
 * pictures in views of its own draws each image once an epoch.
 *
 * @throws EntryError if an epoch would have no batch
 */
export function drawsOf(recipe: Recipe, labels: Labels, random: RandomStreams): readonly Draws[] {
  const { stages } = methods[recipe.method.name];
  const sampler = samplers.create(recipe.sampler, { labels, random: random.stream('shuffle') });
  const usual = drawsBy(sampler, false, recipe);
  if (!stages.some(({ views }) => views)) return stages.map(() => usual);
  const once = new UniformSampler({ length: labels.rows, random: random.stream('views') });
  const ofViews = drawsBy(once, true, recipe);
  return stages.map(({ views }) => (views ? ofViews : usual));
}

function drawsBy(sampler: Sampler, views: boolean, { batchSize, dropLast, accumulate }: Recipe): Draws {
  const { epochLength } = sampler;
  if (dropLast && epochLength < batchSize) {
    const message = `${batchSize} with dropLast leaves no batch of an epoch of ${epochLength} images`;
    throw new EntryError(message, 'batchSize');
  }
  const imagesPerEpoch = dropLast ? epochLength - (epochLength % batchSize) : epochLength;
  const batches = Math.ceil(imagesPerEpoch / batchSize);
  return { sampler, views, imagesPerEpoch, stepsPerEpoch: Math.ceil(batches / accumulate) };
}
