import { type PicturePipelines, type Size, unitStatistics } from '@ltml/images';
import { pictures } from '../parts/pictures.ts';
import type { Recipe } from '../recipe/recipe.ts';

/**
 * What a recipe does to pictures, without its encoder being loaded: where levels are normalised as the encoder wants them,
 * here they lie from 0 to 1.
 *
 * @param size that all pictures have; null where they differ
 */
export function picturePipelines(recipe: Recipe, size: Size | null): PicturePipelines {
  return pictures.create(recipe.pictures, { size, statistics: unitStatistics });
}
