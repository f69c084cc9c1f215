import { buildEncoder, type EncoderNetwork, encoderByName, preprocessingSteps } from '@ltml/backbone';
import type { Pipeline } from '@ltml/images';
import { RandomStreams } from '@ltml/tensor';
import { type ClipConfig, clipSchema } from '../parts/clip.ts';
import { checkRecipe } from '../recipe/check.ts';
import { loadNetwork } from './load-network.ts';
import { type LoadedTexts, loadTexts } from './load-texts.ts';

/** Both towers of a pretrained CLIP. */
export interface OpenedClip extends LoadedTexts {
  /** The image tower. */
  readonly network: EncoderNetwork;
  /** Steps that make inputs of the image tower from pictures of any size. */
  readonly pipeline: Pipeline;
  /** Size of images after the pipeline, in pixels. */
  readonly imageSize: readonly [height: number, width: number];
  /** Frees both towers. */
  dispose(): void;
}

/**
 * Opens a CLIP of the zoo, with its weights from a file or the Hugging Face cache.
 *
 * @throws UsageError for an unknown name
 * @throws DataError if the weights do not exist; the message has the command that downloads them
 */
export async function openClip(config: ClipConfig): Promise<OpenedClip> {
  const { name, weights } = checkRecipe({ value: config, locate: () => 'clip' }, clipSchema);
  const found = encoderByName(name);
  const { encoder } = found;
  const random = new RandomStreams(0).stream('init');
  const loaded =
    weights === 'none' ? { network: buildEncoder(encoder, { random }).eval() } : await loadNetwork(found, config, null);
  const { network, preprocessing = encoder.preprocessing } = loaded;
  const dispose = (): void => network.dispose();
  try {
    const texts = await loadTexts(config, 0);
    const size = encoder.imageSize;
    return {
      ...texts,
      network,
      // The steps are those of `@ltml/images`.
      pipeline: preprocessingSteps(preprocessing, size) as Pipeline,
      imageSize: typeof size === 'number' ? [size, size] : size,
      dispose() {
        dispose();
        texts.textTower.dispose();
      },
    };
  } catch (error) {
    dispose();
    throw error;
  }
}
