import {
  type BuildEncoderOptions,
  buildEncoder,
  type KnownWeights,
  loadEncoder,
  type NamedEncoder,
  preprocessingOf,
  type ZooEncoder,
} from '@ltml/backbone';
import { hubFile, loadResnetTiny, loadTinyClip, withWeights } from '@ltml/backbone/node';
import { DataError } from '@ltml/tensor';
import type { EncoderConfig, LoadedNetwork, LoadNetwork } from '../parts/encoders.ts';
import { loadEncoderOfRun, statisticsOfRun } from './encoder-of-run.ts';

/** Takes weights from a run, a file, the cache of the Hugging Face hub, or from those that `@ltml/backbone` carries. */
export const loadNetwork: LoadNetwork = async (found, config, size) => {
  const { run, recompute = false } = config;
  const imageSize = size && ([size.height, size.width] as const);
  const options = { recompute, ...(imageSize && { imageSize }) };
  if (run !== undefined) return ofRun(found.encoder, run, options);
  const { path, known } = await weightsOf(found, config);
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

/** Where they are; no path for those that the package carries. @throws DataError if they are not there */
async function weightsOf(
  { encoder, weights: named }: NamedEncoder,
  { weights }: EncoderConfig,
): Promise<{ readonly path?: string; readonly known?: KnownWeights | undefined }> {
  if (weights === undefined) {
    if (encoder.layouts.length === 0) return {};
    if (named) return { path: await hubFile({ model: named.hub, file: named.file }), known: named };
    const expected = 'a file, hub:owner/name or none, since none are known';
    throw new DataError({ where: encoder.name, argument: 'weights', expected, received: 'nothing' });
  }
  if (!weights.startsWith('hub:')) return { path: weights };
  const [, model, revision] = /^hub:([^@]+)(?:@(.+))?$/.exec(weights) ?? [];
  if (model === undefined || !/^[\w.-]+\/[\w.-]+$/.test(model)) {
    const expected = 'hub:owner/name or hub:owner/name@commit';
    throw new DataError({ where: encoder.name, argument: 'weights', expected, received: weights });
  }
  const known = encoder.weights.find(({ hub }) => hub === model);
  return { path: await hubFile({ model, revision, file: known?.file }), known };
}

async function carried({ network }: ZooEncoder): Promise<LoadedNetwork> {
  if (network.kind === 'resnet-tiny') return { network: await loadResnetTiny() };
  const { clip } = await loadTinyClip();
  clip.text.dispose();
  clip.logit_scale.dispose();
  return { network: clip.visual };
}
