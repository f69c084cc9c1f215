import { freemem } from 'node:os';
import type { BuiltRecipe } from '@ltml/recipes/node';
import { describeData } from './describe-data.ts';

/** What a run is about to do, in lines, so that runs can be compared at equal steps. */
export function describePlan({ recipe, stages, splits, inputs }: BuiltRecipe): readonly string[] {
  const compared =
    recipe.evaluation.selection === 'published'
      ? 'epochs are compared on the test images, as published protocols have it'
      : `${splits.validation?.labels.rows ?? 0} ${splits.ownValidation ? 'are for validation' : 'are held out for validation'}`;
  const gigabytes = inputs.bytes / 1e9;
  return [
    describeData(recipe),
    `${splits.train.labels.rows} training images, ${compared}`,
    ...stages.map(
      ({ name, epochs, steps, imagesPerEpoch }) =>
        `stage ${name}: ${steps} steps, ${epochs} epochs of ${imagesPerEpoch} images`,
    ),
    ...(gigabytes > 0.5
      ? [`features: ${gigabytes.toFixed(1)} GB of memory, ${(freemem() / 1e9).toFixed(1)} GB are free`]
      : []),
  ];
}
