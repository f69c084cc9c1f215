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

/** An encoder in a recipe. */
export interface EncoderConfig {
  /**
   * Name in the zoo of `@ltml/backbone`, or in timm, torchvision, open_clip or on the hub. With `run` it may be left
   * out.
   */
  readonly name?: string | undefined;
  /**
   * `hub:owner/name` (also with `@commit`), a path of a file, or `none` for random weights. Left out: the weights that
   * belong to the name, or the first known ones.
   */
  readonly weights?: string | undefined;
  /** Folder of a run (or of its model) that trained the encoder: takes its network and weights. */
  readonly run?: string | undefined;
  /** Size of the images: pixels of a square, or height and width. */
  readonly imageSize?: ImageSize | undefined;
  /** The parts that are not trained, as regular expressions over names; true: all parts. */
  readonly freeze?: boolean | Freezing | undefined;
  /** Compute activations again in the backward pass instead of keeping them: less memory, more time. */
  readonly recompute?: boolean | undefined;
  /** Average the feature map over squares of this side, in places. */
  readonly mapPool?: number | undefined;
}

/** An encoder, and the images that it expects. */
export interface LoadedEncoder {
  /** The encoder itself. */
  readonly network: Encoder;
  /** D, the width of its features. */
  readonly features: number;
  /** Channels of its feature map; the width of its features if it has no map. */
  readonly mapFeatures: number;
  /** Encodings that it gives. */
  readonly encodings: readonly EncodingName[];
  /** Mean and standard deviation that its inputs are normalised with. */
  readonly statistics: ChannelStatistics;
  /** How pictures were prepared when its weights were trained. */
  readonly preprocessing: Preprocessing;
  /** The size of its images, if it takes no other size or the recipe gives one; else null. */
  readonly imageSize: Size | null;
  /** Size to use if neither pictures nor recipe give one. */
  readonly usualSize: Size;
}

/** A network with its weights. `preprocessing` is set if the weights expect other images than usual for the network. */
export interface LoadedNetwork {
  readonly network: EncoderNetwork;
  readonly preprocessing?: Preprocessing | undefined;
}

/** Loads the weights that a recipe names. @param size of the network's images in pixels, if it is made for one size */
export type LoadNetwork = (found: NamedEncoder, config: EncoderConfig, size: Size | null) => Promise<LoadedNetwork>;

/** What {@link encoders.create} needs besides the entry. */
export interface EncoderParts {
  /** Draws random weights. */
  readonly random: RandomStream;
  /** Left out: no weights are loaded, since those of a model are set afterwards. */
  readonly load?: LoadNetwork;
}

const pattern = z.string().refine(isPattern, 'should be a regular expression').nullable().default(null);

const schema: z.ZodType<EncoderConfig> = z.strictObject({
  name: encoderName
    .optional()
    .describe('Name in the zoo, in timm, torchvision or open_clip, or on the Hugging Face hub'),
  weights: z.string().min(1).optional().describe('hub:owner/name, also with @commit; a file; none'),
  run: z.string().min(1).optional().describe('Folder of a run that trained it, instead of name and weights'),
  imageSize: imageSizeSchema.optional().describe('Pixels of its images, or [height, width]'),
  freeze: z
    .union([z.boolean(), z.strictObject({ parameters: pattern, statistics: pattern })], 'should be true, or patterns')
    .default(false)
    .describe(
      'Parts that are not trained: true for all, or regular expressions over names of parameters and batch norms',
    ),
  recompute: z
    .boolean()
    .default(false)
    .describe('Compute activations again in the backward pass instead of keeping them: less memory, more time'),
  mapPool: z
    .int()
    .positive()
    .max(64)
    .default(1)
    .describe('Average the feature map over squares of this side, in places'),
});

/** Makes encoders from their entry in a recipe. */
export const encoders: {
  readonly schema: z.ZodType<EncoderConfig>;
  create(config: EncoderConfig, parts: EncoderParts): Promise<LoadedEncoder>;
} = { schema, create };

/** @throws EntryError if weights do not exist, or belong to another network */
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

/** Patches of `tiny-clip` are 8 × 8 pixels. @throws EntryError for sides that are not multiples of 8 */
function checkStride(size: Size | null): void {
  if (!size || (size.height % 8 === 0 && size.width % 8 === 0)) return;
  throw new EntryError(`should be multiples of 8, got ${size.height} × ${size.width}`, 'encoder.imageSize');
}

/** The image size of an encoder, and how it expects pictures; its network is not loaded. */
export function sizesOf(config: EncoderConfig): Pick<LoadedEncoder, 'imageSize' | 'usualSize' | 'preprocessing'> {
  const { encoder, weights } = named(config);
  const usualSize = sizeOf(encoder.imageSize);
  const given = config.imageSize === undefined ? null : sizeOf(config.imageSize);
  const preprocessing = weights?.preprocessing ?? encoder.preprocessing;
  return { imageSize: given ?? (encoder.hasPositions ? usualSize : null), usualSize, preprocessing };
}

function named({ name }: EncoderConfig): NamedEncoder {
  if (name !== undefined) return encoderByName(name);
  throw new EntryError('is missing', 'encoder.name');
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

/** Makes a network average its feature map over squares of places. The names in its state stay the same. */
function poolMap(network: MapEncoder, places: number): void {
  const forward = network.forward.bind(network);
  network.forward = (images) => {
    const output = forward(images);
    return { ...output, featureMap: tf.avgPool(output.featureMap, places, places, 'valid') };
  };
}
