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

export interface PrepareOptions {
  /** Default f32. */
  readonly storage?: FeatureStorage;
  /** Default what the method of the recipe works on; of plain pictures the features. */
  readonly encoding?: EncodingName;
  /** A folder of many features; default that of the recipe. */
  readonly dir?: string;
  /** Threads that read pictures from files. */
  readonly workers?: number;
  /** Tells the place of an entry in messages; see `readRecipe`. */
  readonly locate?: Locate;
}

/** Features that can be written, and what that takes. */
export interface PreparedEncoding {
  readonly encoding: Encoding;
  dispose(): void;
}

/**
 * Prepares to encode the images of a recipe as a run on it needs them: those of training in the plain view and in augmented
 * ones, those of validation and test in the plain view.
 *
 * @throws UsageError if the recipe trains its encoder, or the encoder has not what the method works on
 */
export async function prepareRecipe(recipe: Recipe, options: PrepareOptions = {}): Promise<PreparedEncoding> {
  return tellPlace(options.locate, async () => {
    const { features } = recipe;
    if (!features) throw new EntryError('null trains the encoder, which leaves nothing to encode once', 'features');
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

/** What plain pictures are encoded by. */
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
 * What plain pictures are encoded by, as settings say it: those of `encoder`, `pictures` and `features` in a recipe. Pictures
 * go through what the encoder's weights were trained with, unless settings say otherwise.
 *
 * @throws UsageError for a setting that is wrong
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

/** Prepares to encode pictures, e.g. those of a folder; views of them go through the pipeline of training. */
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
