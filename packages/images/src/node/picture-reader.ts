import { checkChoice, checkFlag, checkOptionNames, type RandomStream } from '@ltml/tensor';
import type { Size } from '../box.ts';
import type { BytePicture, Picture } from '../picture.ts';
import {
  type Pipeline,
  type PipelineFunction,
  type PlacedPipeline,
  resolvePipeline,
  resolvePlaced,
} from '../pipeline/pipeline.ts';
import { cutAndResize, type Place } from '../placement.ts';
import type { QuarterTurn } from '../quarter-turns.ts';
import { resizeAntialias } from '../resize/resize-antialias.ts';
import { type DecodeMode, type DecodeOptions, decodeModes, importSharp, mostPixels } from './decode-image.ts';
import { useDecoded } from './use-decoded.ts';

export interface PictureReaderOptions {
  /** What pictures go through. */
  readonly pipeline: Pipeline;
  /**
   * `as-pil` (default): the bytes that Pillow gives, the orientation of the file's EXIF ignored, as published protocols
   * have it. `upright`: turned as people see it.
   */
  readonly mode?: DecodeMode;
  /**
   * With `upright`: where the pipeline begins with a resize or a random resized crop, a JPEG of four times the size or more
   * is decoded to half, a quarter or an eighth of its own, if that divides its sides. Levels then differ from those of the
   * whole picture, by 1 on average; default false.
   */
  readonly shrinkOnLoad?: boolean;
}

/**
 * Reads a file and takes it through the pipeline.
 *
 * @param into where the result may be written, as in {@link PipelineFunction}
 * @param turn as of `decodeImage`; pictures with one are decoded whole
 * @throws DataError that names the file if it can't be read
 */
export type ReadPicture = (
  path: string,
  random?: RandomStream,
  into?: Float32Array,
  turn?: QuarterTurn,
) => Promise<Picture>;

/**
 * What reads pictures from files as a network takes them.
 *
 * @throws OptionError on an unknown option, mode or step
 */
export function pictureReader(options: PictureReaderOptions): ReadPicture {
  checkOptionNames('pictureReader', options, ['pipeline', 'mode', 'shrinkOnLoad']);
  const { pipeline, mode = 'as-pil', shrinkOnLoad = false } = options;
  checkFlag('pictureReader', 'options.shrinkOnLoad', shrinkOnLoad);
  checkChoice('pictureReader', 'options.mode', mode, decodeModes);
  const transform = resolvePipeline(pipeline);
  const begin = shrinkOnLoad && mode === 'upright' ? resolvePlaced(pipeline) : undefined;
  return async (path, random, into, turn) => {
    if (begin && turn === undefined) return readPlaced(path, begin, random, into);
    return decodeInto(path, { mode, ...(turn !== undefined && { turn }) }, (picture) =>
      transform(picture, random, into),
    );
  };
}

/** A pipeline may leave a picture as it is, in memory that is used again. */
function decodeInto(path: string, options: DecodeOptions, transform: (picture: Picture) => Picture): Promise<Picture> {
  return useDecoded(path, options, (decoded) => {
    const made = transform(decoded);
    return made.pixels === decoded.pixels ? { ...made, pixels: made.pixels.slice() } : made;
  });
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
    return decodeInto(path, { mode: 'upright' }, (picture) => rest(cutAndResize(picture, wanted), random, into));
  }
  return decodeInto(path, { mode: 'upright' }, (picture) =>
    rest(cutAndResize(picture, place(picture, random)), random, into),
  );
}

const limits = { failOn: 'truncated', ignoreIcc: true, limitInputPixels: mostPixels, autoOrient: true } as const;

/** Undefined for what sharp can't read; `decodeImage` may, or says why not. */
async function headerOf(path: string): Promise<{ readonly whole: Size; readonly isJpeg: boolean } | undefined> {
  const sharp = await importSharp();
  const header = await sharp(path, limits)
    .metadata()
    .catch(() => undefined);
  return header && { whole: header.autoOrient, isJpeg: header.format === 'jpeg' };
}

/** Of a JPEG no more is decoded than twice what is kept, as by Pillow's `thumbnail`. */
const reducingGap = 2;

/** The most that a JPEG can be shrunk by while it is decoded; of sides that are no multiple libvips would move the border. */
function shrinkFactor(whole: Size, { box, resize }: Place): number {
  const reserve = Math.min((box.right - box.left) / resize.width, (box.bottom - box.top) / resize.height);
  const fits = (factor: number): boolean =>
    factor * reducingGap <= reserve && whole.width % factor === 0 && whole.height % factor === 0;
  return [8, 4, 2].find(fits) ?? 1;
}

/** Undefined for what sharp can't read whole. */
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
