import type { Pictures } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { EncodingName } from '@ltml/tensor/contract';
import type { FeatureStorage } from '@ltml/train/node';
import * as z from 'zod';
import { checkImageSize } from '../../build/check-image-size.ts';
import { encoderOf } from '../../build/encoder.ts';
import { splitsOf } from '../../build/splits.ts';
import { type EncoderConfig, encoders, type LoadedEncoder } from '../../parts/encoders.ts';
import { methods } from '../../parts/methods.ts';
import type { NamedPart } from '../../parts/part.ts';
import { pictures } from '../../parts/pictures.ts';
import { checkRecipe } from '../../recipe/check.ts';
import { mergeLeaves } from '../../recipe/merge.ts';
import { defaultParts, type FeaturesConfig, featuresSchema, type Recipe } from '../../recipe/recipe.ts';
import { applySettings } from '../../recipe/settings.ts';
import type { Locate } from '../../recipe/source.ts';
import { tellPlace } from '../../recipe/tell-place.ts';
import { EntryError } from '../../usage-error.ts';
import { dataFiles } from '../data-files.ts';
import { encoderConfigOfRun } from '../encoder-of-run.ts';
import { loadNetwork } from '../load-network.ts';
import { picturePool } from '../picture-pool.ts';
import { inputsOfPictures } from '../pictures.ts';
import { Encoding, type ImagesToEncode } from './encoding.ts';

/** Options of {@link prepareRecipe} and {@link preparePictures}. */
export interface PrepareOptions {
  /** Number format; default `f32`. */
  readonly storage?: FeatureStorage;
  /** Default: what the recipe's method takes; for plain pictures `features`. */
  readonly encoding?: EncodingName;
  /** Folder that holds all features; default: that of the recipe. */
  readonly dir?: string;
  /** Number of threads that read pictures. */
  readonly workers?: number;
  /** Gives the place of an entry for messages; see `readRecipe`. */
  readonly locate?: Locate;
}

/** Features that are ready to be written. */
export interface PreparedEncoding {
  readonly encoding: Encoding;
  /** Ends threads and frees the encoder. */
  dispose(): void;
}

/**
 * Prepares to encode the images of a recipe as its runs need them: training images plain and in augmented views,
 * validation and test images plain.
 *
 * @throws UsageError if the recipe trains its encoder, or the encoder lacks the encoding that the method takes
 */
export async function prepareRecipe(recipe: Recipe, options: PrepareOptions = {}): Promise<PreparedEncoding> {
  return tellPlace(options.locate, async () => {
    const { features } = recipe;
    if (!features) throw new EntryError('null trains the encoder, so its features cannot be stored', 'features');
    const { train, validation, test } = await splitsOf(recipe, dataFiles);
    const { size = null } = train.images;
    const { encodings } = (await methods[recipe.method.name]()).needs;
    const given = { encodings, dir: features.dir, ...options };
    return prepare(recipe, train.images.length, given, async (encoder) => {
      const pipelines = await pictures.create(recipe.pictures, { ...encoder, size });
      const plain = { pipeline: pipelines.test, views: 0 };
      return [
        { name: 'training', images: train.images, pipeline: pipelines.train, views: features.views },
        ...(validation && validation !== test ? [{ name: 'validation', images: validation.images, ...plain }] : []),
        { name: 'test', images: test.images, ...plain },
      ];
    });
  });
}

/** Settings to encode plain pictures with. */
export interface PicturesConfig {
  readonly encoder: EncoderConfig;
  readonly pictures: NamedPart;
  readonly features: FeaturesConfig;
}

const schema: z.ZodType<PicturesConfig> = z.strictObject({
  encoder: encoders.schema,
  pictures: pictures.schema,
  features: featuresSchema,
});

/**
 * Settings to encode plain pictures with, from `key=value` settings of `encoder`, `pictures` and `features` as in a
 * recipe. By default, pictures are prepared as for the training of the encoder's weights.
 *
 * @throws UsageError for a wrong setting
 */
export function picturesConfig(settings: readonly string[]): PicturesConfig {
  const { value, locate } = applySettings({ value: {}, locate: () => 'ltml encode' }, settings);
  const { encoder, pictures: steps, ...others } = value as Record<string, unknown>;
  const filled = {
    features: {},
    ...others,
    encoder: mergeLeaves(defaultParts.encoder, encoder),
    pictures: mergeLeaves({ name: 'encoder' }, steps),
  };
  return checkRecipe({ value: filled, locate }, schema);
}

/** Prepares to encode pictures, e.g. of a folder. Augmented views use the training pipeline. */
export async function preparePictures(
  images: Pictures,
  config: PicturesConfig,
  options: PrepareOptions = {},
): Promise<PreparedEncoding> {
  const { features } = config;
  const { views, dir } = features;
  const given = { encodings: ['features'] as const, dir, ...options };
  return tellPlace(options.locate, () =>
    prepare({ ...config, seed: 1 }, images.length, given, async (encoder) => {
      const pipelines = await pictures.create(config.pictures, { ...encoder, size: images.size ?? null });
      return [{ name: 'pictures', images, pipeline: views > 0 ? pipelines.train : pipelines.test, views }];
    }),
  );
}

type Parts = (encoder: LoadedEncoder) => Promise<Omit<ImagesToEncode, 'inputs'>[]>;

async function prepare(
  recipe: Pick<Recipe, 'encoder' | 'seed' | 'features'>,
  images: number,
  options: PrepareOptions & { readonly encodings: readonly EncodingName[]; readonly dir: string },
  partsOf: Parts,
): Promise<PreparedEncoding> {
  const { encodings, encoding, dir, storage = 'f32', workers } = options;
  const config = await encoderConfigOfRun(recipe.encoder);
  const encoder = await encoderOf({ ...recipe, encoder: config }, new RandomStreams(recipe.seed), loadNetwork);
  const { network } = encoder;
  const pool = picturePool(images, workers);
  const dispose = (): void => {
    void pool.close();
    network.dispose();
  };
  try {
    const parts = (await partsOf(encoder)).map((part) => ({
      ...part,
      inputs: inputsOfPictures(part.images, part.pipeline, pool),
    }));
    for (const { inputs } of parts) checkImageSize(encoder, inputs.shape);
    const chosen = encoding ? [encoding] : encodings;
    return { encoding: await Encoding.plan({ parts, config, network, encodings: chosen, storage, dir }), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
