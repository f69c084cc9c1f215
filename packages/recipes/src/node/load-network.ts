import { type BuildEncoderOptions, buildEncoder, loadEncoder, preprocessingOf, type ZooEncoder } from '@ltml/backbone';
import { loadResnetTiny, loadTinyClip, withWeights } from '@ltml/backbone/node';
import type { LoadedNetwork, LoadNetwork } from '../parts/encoders.ts';
import { loadEncoderOfRun, statisticsOfRun } from './encoder-of-run.ts';
import { weightsOf } from './weights-of.ts';

/** Loads the weights of an encoder from a run, a file, the Hugging Face cache, or the `@ltml/backbone` package. */
export const loadNetwork: LoadNetwork = async (found, config, size) => {
  const { run, recompute = false } = config;
  const imageSize = size && ([size.height, size.width] as const);
  const options = { recompute, ...(imageSize && { imageSize }) };
  if (run !== undefined) return ofRun(found.encoder, run, options);
  const { path, known } = await weightsOf(found, config.weights);
  if (path === undefined) return carried(found.encoder);
  return withWeights(path, async (file) => ({
    network: await loadEncoder(found.encoder, file, options),
    preprocessing: known?.preprocessing ?? preprocessingOf(file.config),
  }));
};

async function ofRun(encoder: ZooEncoder, folder: string, options: BuildEncoderOptions): Promise<LoadedNetwork> {
  const statistics = await statisticsOfRun(folder);
  const network = buildEncoder(encoder, options);
  try {
    await loadEncoderOfRun(network, folder);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return { network, preprocessing: { ...encoder.preprocessing, statistics } };
}

async function carried({ network }: ZooEncoder): Promise<LoadedNetwork> {
  if (network.kind === 'resnet-tiny') return { network: await loadResnetTiny() };
  const { clip } = await loadTinyClip();
  clip.text.dispose();
  clip.logit_scale.dispose();
  return { network: clip.visual };
}
