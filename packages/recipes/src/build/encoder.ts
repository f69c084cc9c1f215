import type { RandomStreams } from '@ltml/tensor';
import { encoders, type LoadedEncoder, type LoadNetwork } from '../parts/encoders.ts';
import { isFrozen } from '../recipe/is-frozen.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The encoder that a recipe names. If it is frozen, it is in evaluation mode. */
export async function encoderOf(
  recipe: Pick<Recipe, 'encoder' | 'features'>,
  random: RandomStreams,
  load: LoadNetwork,
): Promise<LoadedEncoder> {
  const loaded = await encoders.create(recipe.encoder, { random: random.stream('init'), load });
  if (isFrozen(recipe)) loaded.network.eval();
  return loaded;
}
