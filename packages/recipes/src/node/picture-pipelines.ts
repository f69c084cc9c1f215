import { type PicturePipelines, type Size, unitStatistics } from '@ltml/images';
import { sizesOf } from '../parts/encoders.ts';
import { pictures } from '../parts/pictures.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { encoderConfigOfRun } from './encoder-of-run.ts';

/**
 * The pipelines of a recipe's pictures, without loading its encoder. Instead of the encoder's normalisation, values are
 * scaled to [0, 1].
 *
 * @param size of all pictures; null if sizes differ
 */
export async function picturePipelines(recipe: Recipe, size: Size | null): Promise<PicturePipelines> {
  const encoder = await encoderConfigOfRun(recipe.encoder);
  return pictures.create(recipe.pictures, { size, statistics: unitStatistics, ...sizesOf(encoder) });
}
