import { checkChoice, checkFlag, checkOptionNames, RandomStream } from '@ltml/tensor';
import type { Box, Size } from '../box.ts';
import type { BytePicture, Picture } from '../picture.ts';
import {
  type Pipeline,
  type PipelineFunction,
  type PlacedPipeline,
  resolvePipeline,
  resolvePlaced,
} from '../pipeline/pipeline.ts';
import { cutAndResize, neededPart, type Place } from '../placement.ts';
import type { QuarterTurn } from '../quarter-turns.ts';
import { resizeAntialias } from '../resize/resize-antialias.ts';
import { type DecodeMode, type DecodeOptions, decodeModes, importSharp, mostPixels } from './decode-image.ts';
import { useDecoded } from './use-decoded.ts';

/** Options of {@link pictureReader}. */
export interface PictureReaderOptions {
  /** The steps for every picture. */
  readonly pipeline: Pipeline;
  /**
   * How pictures are decoded. `as-pil` (default): the pixels that Pillow gives, ignoring the EXIF orientation, as in
   * published protocols. `upright`: as people see them.
   */
  readonly mode?: DecodeMode;
  /**
   * For `upright` only: decodes large JPEGs at a half, a quarter or an eighth of their size, which is faster. It
   * applies if the pipeline starts with a resize or a random resized crop, the sides of the JPEG are at least four
   * times the needed ones, and the factor divides its sides. Levels then differ by 1 on average from those of the full
   * picture. Default false.
   */
  readonly shrinkOnLoad?: boolean;
}

/**
 * Reads a file and applies the pipeline.
 *
 * @param into optional memory for the result, see {@link PipelineFunction}
 * @param turn rotation in degrees, see `DecodeOptions.turn`; such pictures are decoded at full size
 * @throws DataError naming the file, if it cannot be read
 */
export type ReadPicture = (
  path: string,
  random?: RandomStream,
  into?: Float32Array,
  turn?: QuarterTurn,
) => Promise<Picture>;

/**
 * Makes a function that reads picture files and prepares them for a network.
 *
 * @throws OptionError on an unknown option, mode or step
 */
export function pictureReader(options: PictureReaderOptions): ReadPicture {
  checkOptionNames('pictureReader', options, ['pipeline', 'mode', 'shrinkOnLoad']);
  const { pipeline, mode = 'as-pil', shrinkOnLoad = false } = options;
  checkFlag('pictureReader', 'options.shrinkOnLoad', shrinkOnLoad);
  checkChoice('pictureReader', 'options.mode', mode, decodeModes);
  const transform = resolvePipeline(pipeline);
  const begin = resolvePlaced(pipeline);
  return async (path, random, into, turn) => {
    if (begin && shrinkOnLoad && mode === 'upright' && turn === undefined) return readPlaced(path, begin, random, into);
    // The pipeline draws the same part from its own stream.
    const copy = random && new RandomStream(random.state);
    const partOf = begin && ((size: Size) => neededPart(begin.place(size, copy)));
    const options = { mode, ...(turn !== undefined && { turn }) };
    return decodeInto(path, options, (picture) => transform(picture, random, into), partOf);
  };
}

/** Copies the result if the pipeline returns the picture unchanged, because its memory is reused. */
function decodeInto(
  path: string,
  options: DecodeOptions,
  transform: (picture: Picture) => Picture,
  partOf?: (size: Size) => Box,
): Promise<Picture> {
  const use = (decoded: Picture): Picture => {
    const made = transform(decoded);
    return made.pixels === decoded.pixels ? { ...made, pixels: made.pixels.slice() } : made;
  };
  return useDecoded(path, options, use, partOf);
}

async function readPlaced(
  path: string,
  { place, rest }: PlacedPipeline,
  random?: RandomStream,
  into?: Float32Array,
): Promise<Picture> {
  const header = await headerOf(path);
  if (header) {
    const { whole } = header;
    const wanted = place(whole, random);
    const factor = header.isJpeg ? shrinkFactor(whole, wanted) : 1;
    const shrunk = factor > 1 && (await decodeShrunk(path, whole, factor));
    if (shrunk) return rest(cutShrunk(shrunk, wanted, factor), random, into);
    const finish = (picture: Picture): Picture => rest(cutAndResize(picture, wanted), random, into);
    return decodeInto(path, { mode: 'upright' }, finish, () => neededPart(wanted));
  }
  return decodeInto(path, { mode: 'upright' }, (picture) =>
    rest(cutAndResize(picture, place(picture, random)), random, into),
  );
}

const limits = { failOn: 'truncated', ignoreIcc: true, limitInputPixels: mostPixels, autoOrient: true } as const;

/** Reads the header; undefined if sharp cannot. `decodeImage` may then read the file, or says why not. */
async function headerOf(path: string): Promise<{ readonly whole: Size; readonly isJpeg: boolean } | undefined> {
  const sharp = await importSharp();
  const header = await sharp(path, limits)
    .metadata()
    .catch(() => undefined);
  return header && { whole: header.autoOrient, isJpeg: header.format === 'jpeg' };
}

/** A JPEG is decoded at no less than twice the needed size, as in Pillow's `thumbnail`. */
const reducingGap = 2;

/**
 * The largest factor by which a JPEG can be shrunk while decoding. It must divide the sides, because otherwise libvips
 * would shift the border.
 */
function shrinkFactor(whole: Size, { box, resize }: Place): number {
  const reserve = Math.min((box.right - box.left) / resize.width, (box.bottom - box.top) / resize.height);
  const fits = (factor: number): boolean =>
    factor * reducingGap <= reserve && whole.width % factor === 0 && whole.height % factor === 0;
  return [8, 4, 2].find(fits) ?? 1;
}

/** Decodes a JPEG at reduced size; undefined if sharp cannot read it completely. */
async function decodeShrunk(path: string, whole: Size, factor: number): Promise<BytePicture | undefined> {
  const sharp = await importSharp();
  const [height, width] = [whole.height / factor, whole.width / factor];
  const raw = sharp(path, limits)
    .resize({ height, width, fit: 'fill', fastShrinkOnLoad: true })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' });
  const data = await raw.toBuffer().catch(() => undefined);
  return data && { height, width, pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function cutShrunk(shrunk: Picture, { box, resize, keep }: Place, factor: number): Picture {
  const part = {
    ...{ left: box.left / factor, right: box.right / factor },
    ...{ top: box.top / factor, bottom: box.bottom / factor },
  };
  return resizeAntialias(shrunk, { ...resize, box: part, ...(keep && { keep }) });
}
