import { loadResnetTiny, loadTinyClip } from '@ltml/backbone/node';
import type { RandomStreams } from '@ltml/tensor';
import { type EncoderNetworks, encoders, type LoadedEncoder } from '../parts/encoders.ts';
import { isFrozen } from '../recipe/is-frozen.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { loadEncoderOfRun } from './encoder-of-run.ts';

/** With the weights that `@ltml/backbone` carries, or that a run has trained. */
export const pretrainedNetworks: EncoderNetworks = {
  async resnetTiny(weights) {
    const network = await loadResnetTiny();
    if (weights !== undefined) await loadEncoderOfRun(network, weights);
    return network;
  },
  async tinyClip() {
    const { clip } = await loadTinyClip();
    clip.text.dispose();
    clip.logit_scale.dispose();
    return clip.visual;
  },
};

/** The encoder that a recipe names, in evaluation mode where it rests. */
export async function encoderOf(recipe: Recipe, random: RandomStreams): Promise<LoadedEncoder> {
  const parts = { random: random.stream('init'), networks: pretrainedNetworks };
  const loaded = await encoders.create(recipe.encoder, parts);
  if (isFrozen(recipe)) loaded.network.eval();
  return loaded;
}
