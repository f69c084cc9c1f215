import {
  buildEncoder,
  type EncoderNetwork,
  encoderByName,
  type NamedEncoder,
  type Preprocessing,
} from '@ltml/backbone';
import type { ChannelStatistics, Size } from '@ltml/images';
import { type Freezing, freezeNetwork, isPattern, LtmlError, type RandomStream } from '@ltml/tensor';
import type { Encoder, EncodingName, MapEncoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { EntryError } from '../usage-error.ts';
import { encoderName } from './encoder-name.ts';
import { type ImageSize, imageSizeSchema, sizeOf } from './image-size.ts';

/** An encoder as a recipe has it. */
export interface EncoderConfig {
  /** Of the zoo of `@ltml/backbone`, or what timm, torchvision, open_clip or the hub call it; of a run that of its encoder. */
  readonly name?: string | undefined;
  /**
   * `hub:owner/name`, with `@commit` if one is meant, a path of a file, or `none`, which draws them. Left out, they are those
   * that the name tells, or the first that are known.
   */
  readonly weights?: string | undefined;
  /** Folder of a run that trained the encoder, or of its model: takes its network and its weights. */
  readonly run?: string | undefined;
  /** Pixels, or height and width. */
  readonly imageSize?: ImageSize | undefined;
  /** What of it stays as it is, by regular expressions over names; true: all of it. */
  readonly freeze?: boolean | Freezing | undefined;
  /** Whether training computes activations anew in the backward pass instead of keeping them: less memory, more time. */
  readonly recompute?: boolean | undefined;
  /** Averages the feature map over so many places, each way. */
  readonly mapPool?: number | undefined;
}

/** An encoder and what it expects of pictures. */
export interface LoadedEncoder {
  readonly network: Encoder;
  /** D, features of an image. */
  readonly features: number;
  /** Channels of its feature map, if it has one. */
  readonly mapFeatures: number;
  /** What it makes of an image. */
  readonly encodings: readonly EncodingName[];
  readonly statistics: ChannelStatistics;
  /** How its weights were trained to see pictures. */
  readonly preprocessing: Preprocessing;
  /** The size of its images, if it takes no other or the recipe names one. */
  readonly imageSize: Size | null;
  /** Where neither pictures nor recipe have a size. */
  readonly usualSize: Size;
}

/** A network with its weights, and what these expect of images if that is not what is usual for the network. */
export interface LoadedNetwork {
  readonly network: EncoderNetwork;
  readonly preprocessing?: Preprocessing | undefined;
}

/** Finds the weights that a recipe names. @param size pixels of the network's images, if it is made for a size */
export type LoadNetwork = (found: NamedEncoder, config: EncoderConfig, size: Size | null) => Promise<LoadedNetwork>;

export interface EncoderParts {
  /** Draws the weights of an encoder that has none. */
  readonly random: RandomStream;
  /** Left out, no weights are looked for: those of a model come next. */
  readonly load?: LoadNetwork;
}

const pattern = z.string().refine(isPattern, 'should be a regular expression').nullable().default(null);

const schema: z.ZodType<EncoderConfig> = z.strictObject({
  name: encoderName
    .optional()
    .describe('Of the zoo, or what timm, torchvision, open_clip or the Hugging Face hub call it'),
  weights: z.string().min(1).optional().describe('hub:owner/name, with @commit if one is meant; a file; none'),
  run: z.string().min(1).optional().describe('Folder of a run that trained it, in place of name and weights'),
  imageSize: imageSizeSchema.optional().describe('Pixels of its images, or [height, width]'),
  freeze: z
    .union([z.boolean(), z.strictObject({ parameters: pattern, statistics: pattern })], 'should be true, or patterns')
    .default(false)
    .describe('What of it does not train: true, or regular expressions over names of parameters and batch norms'),
  recompute: z
    .boolean()
    .default(false)
    .describe('Training computes activations anew instead of keeping them: less memory, more time'),
  mapPool: z.int().positive().max(64).default(1).describe('Averages the feature map over so many places, each way'),
});

/** Encoders by name. */
export const encoders: {
  readonly schema: z.ZodType<EncoderConfig>;
  create(config: EncoderConfig, parts: EncoderParts): Promise<LoadedEncoder>;
} = { schema, create };

/** @throws EntryError if weights are not there, or are of another network */
async function create(config: EncoderConfig, { random, load }: EncoderParts): Promise<LoadedEncoder> {
  const { freeze = false, mapPool = 1 } = config;
  const found = named(config);
  const { encoder } = found;
  const { imageSize: size, usualSize } = sizesOf(config);
  if (mapPool > 1 && !encoder.encodings.includes('featureMap')) {
    throw new EntryError(`${encoder.name} has no feature map`, 'encoder.mapPool');
  }
  if (encoder.network.kind === 'tiny-clip') checkStride(size);
  const { network, preprocessing = encoder.preprocessing } = await networkOf(found, config, { random, size, load });
  if (mapPool > 1) poolMap(network as MapEncoder, mapPool);
  const all: Freezing = { parameters: '', statistics: '' };
  if (freeze) freezeNetwork(network, freeze === true ? all : freeze);
  const { statistics } = preprocessing;
  const features = network.featureCount;
  const { mapWidth = features, encodings } = encoder;
  const sizes = { features, mapFeatures: mapWidth, imageSize: size, usualSize };
  return { network, encodings, statistics, preprocessing, ...sizes };
}

/** A patch of `tiny-clip` has eight pixels each way. @throws EntryError for sides that these do not fill */
function checkStride(size: Size | null): void {
  if (!size || (size.height % 8 === 0 && size.width % 8 === 0)) return;
  throw new EntryError(`should be multiples of 8, got ${size.height} × ${size.width}`, 'encoder.imageSize');
}

/** How an encoder takes images, and of what size, without its network. */
export function sizesOf(config: EncoderConfig): Pick<LoadedEncoder, 'imageSize' | 'usualSize' | 'preprocessing'> {
  const { encoder, weights } = named(config);
  const usualSize = sizeOf(encoder.imageSize);
  const given = config.imageSize === undefined ? null : sizeOf(config.imageSize);
  const preprocessing = weights?.preprocessing ?? encoder.preprocessing;
  return { imageSize: given ?? (encoder.hasPositions ? usualSize : null), usualSize, preprocessing };
}

function named({ name }: EncoderConfig): NamedEncoder {
  if (name !== undefined) return encoderByName(name);
  throw new EntryError('should be named', 'encoder.name');
}

async function networkOf(
  found: NamedEncoder,
  config: EncoderConfig,
  {
    random,
    size,
    load,
  }: Omit<EncoderParts, 'load'> & { readonly size: Size | null; readonly load: LoadNetwork | undefined },
): Promise<LoadedNetwork> {
  const imageSize = size && ([size.height, size.width] as const);
  try {
    if (load && config.weights !== 'none') return await load(found, config, size);
    const { recompute = false } = config;
    const drawn = { ...(imageSize && { imageSize }), ...(load && { random }) };
    return { network: buildEncoder(found.encoder, { recompute, ...drawn }) };
  } catch (error) {
    if (!LtmlError.is(error)) throw error;
    const { argument, expected, received, hint } = error;
    const sentence = `${argument} should be ${expected}, got ${received}${hint ? `. ${hint}` : ''}`;
    throw new EntryError(sentence, `encoder.${config.run === undefined ? 'weights' : 'run'}`);
  }
}

/** Makes a network give its map averaged over squares of places; names of its state stay as they are. */
function poolMap(network: MapEncoder, places: number): void {
  const forward = network.forward.bind(network);
  network.forward = (images) => {
    const output = forward(images);
    return { ...output, featureMap: tf.avgPool(output.featureMap, places, places, 'valid') };
  };
}
