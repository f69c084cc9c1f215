import { type PicturePipelines, type Size, unitStatistics } from '@ltml/images';
import { sizesOf } from '../parts/encoders.ts';
import { pictures } from '../parts/pictures.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { encoderConfigOfRun } from './encoder-of-run.ts';

/**
 * What a recipe does to pictures, without its encoder being loaded: where levels are normalised as the encoder wants them,
 * here they lie from 0 to 1.
 *
 * @param size that all pictures have; null where they differ
 */
export async function picturePipelines(recipe: Recipe, size: Size | null): Promise<PicturePipelines> {
  const encoder = await encoderConfigOfRun(recipe.encoder);
  return pictures.create(recipe.pictures, { size, statistics: unitStatistics, ...sizesOf(encoder) });
}
