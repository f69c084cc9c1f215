import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import type { BuiltRecipe, Inputs, Recipe } from '@ltml/recipes/node';
import { describeData } from './describe-data.ts';
import { describeStorage } from './describe-storage.ts';

/**
 * Lines about the run that is about to start. They give the number of steps, so that users can compare runs at equal
 * steps.
 */
export function describePlan({ recipe, stages, splits, inputs }: BuiltRecipe): readonly string[] {
  const compared =
    recipe.evaluation.selection === 'published'
      ? 'epochs are compared on the test images, as in the published protocols'
      : `${splits.validation?.labels.rows ?? 0} ${splits.ownValidation ? 'for validation' : 'held out for validation'}`;
  const gigabytes = inputs.bytes / 1e9;
  return [
    describeData(recipe),
    `${splits.train.labels.rows} training images, ${compared}`,
    ...stages.map(
      ({ name, epochs, steps, imagesPerEpoch }) =>
        `stage ${name}: ${steps} steps, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${imagesPerEpoch} images`,
    ),
    ...describeFeatures(recipe, inputs),
    ...(gigabytes > 0.5
      ? [`features: need ${gigabytes.toFixed(1)} GB of memory, ${(freemem() / 1e9).toFixed(1)} GB are free`]
      : []),
  ];
}

/** A line that says which features are taken from disk; no line if there are none. */
function describeFeatures({ features }: Recipe, { stored, validation, test }: Inputs): readonly string[] {
  if (!features) return [];
  // A folder that the user named should exist. The default folder need not.
  if (!existsSync(features.dir))
    return features.dir === 'features' ? [] : [`features: no folder ${features.dir}; features are computed`];
  const used = validation && validation !== test ? ['training', 'validation', 'test'] : ['training', 'test'];
  if (stored.size === 0) {
    return [`features: none in ${features.dir} fit this encoder, weights, pipelines and images; features are computed`];
  }
  const kinds = new Map([...stored.values()].map((found) => [found.storage, found]));
  const costs = [...kinds.values()].map(({ storage, error }) => describeStorage(storage, error));
  const missing = used.filter((split) => !stored.has(split as 'training'));
  const rest = missing.length > 0 ? `; features of ${missing.join(' and ')} images are computed` : '';
  return [`features: from ${features.dir} (${costs.join('; ')})${rest}`];
}
