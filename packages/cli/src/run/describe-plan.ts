import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import type { BuiltRecipe, Inputs, Recipe } from '@ltml/recipes/node';
import { describeData } from './describe-data.ts';
import { describeStorage } from './describe-storage.ts';

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
        `stage ${name}: ${steps} steps, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${imagesPerEpoch} images`,
    ),
    ...describeFeatures(recipe, inputs),
    ...(gigabytes > 0.5
      ? [`features: ${gigabytes.toFixed(1)} GB of memory, ${(freemem() / 1e9).toFixed(1)} GB are free`]
      : []),
  ];
}

/** Which features are taken from disk, in a line; nothing where there are none. */
function describeFeatures({ features }: Recipe, { stored, validation, test }: Inputs): readonly string[] {
  if (!features) return [];
  // Who names a folder wants it taken; the default one need not be there.
  if (!existsSync(features.dir))
    return features.dir === 'features' ? [] : [`features: there is no ${features.dir}; computed`];
  const used = validation && validation !== test ? ['training', 'validation', 'test'] : ['training', 'test'];
  if (stored.size === 0) {
    return [`features: none in ${features.dir} are of this encoder, its weights, these pipelines and images; computed`];
  }
  const kinds = new Map([...stored.values()].map((found) => [found.storage, found]));
  const costs = [...kinds.values()].map(({ storage, error }) => describeStorage(storage, error));
  const missing = used.filter((split) => !stored.has(split as 'training'));
  const rest = missing.length > 0 ? `; those of ${missing.join(' and ')} images are computed` : '';
  return [`features: from ${features.dir} (${costs.join('; ')})${rest}`];
}
