import type { RandomStreams } from '@ltml/tensor';
import { type EncoderNetworks, encoders, type LoadedEncoder } from '../parts/encoders.ts';
import { isFrozen } from '../recipe/is-frozen.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The encoder that a recipe names, in evaluation mode where it rests. */
export async function encoderOf(
  recipe: Recipe,
  random: RandomStreams,
  networks: EncoderNetworks,
): Promise<LoadedEncoder> {
  const loaded = await encoders.create(recipe.encoder, { random: random.stream('init'), networks });
  if (isFrozen(recipe)) loaded.network.eval();
  return loaded;
}
