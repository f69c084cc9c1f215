import { type PicturePipelines, unitStatistics } from '@ltml/images';
import { pictures } from '../parts/pictures.ts';
import type { Recipe } from '../recipe/recipe.ts';

/**
 * What a recipe does to pictures of any size, without its encoder being loaded: where levels are normalised as the encoder
 * wants them, here they lie from 0 to 1.
 */
export function picturePipelines(recipe: Recipe): PicturePipelines {
  return pictures.create(recipe.pictures, { size: null, statistics: unitStatistics });
}
