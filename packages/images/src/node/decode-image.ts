import { readFile, stat } from 'node:fs/promises';
import { checkChoice, checkOptionNames, DataError, NotSupportedError } from '@ltml/tensor';
import type { BytePicture } from '../picture.ts';
import { type QuarterTurn, quarterTurns, turned } from '../quarter-turns.ts';
import { cmykAsPil, grey16AsPil } from './convert-as-pil.ts';
import { decodeBmp, isBmp } from './decode-bmp.ts';
import { fileBegin } from './file-begin.ts';
import { isPlainJpeg } from './plain-jpeg.ts';

/** 8192 × 8192. A file of a few kilobytes may claim any size, and a decoded picture needs 3 bytes per pixel. */
export const mostPixels: number = 2 ** 26;

/** The two ways to decode a picture; see `DecodeOptions.mode`. */
export const decodeModes = ['as-pil', 'upright'] as const;

/** How a picture is decoded; see `DecodeOptions.mode`. */
export type DecodeMode = (typeof decodeModes)[number];

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /**
   * `as-pil` (default): the pixels that Pillow's `Image.open(…).convert('RGB')` gives, as the published protocols read
   * them; the EXIF orientation is ignored. `upright`: rotated and mirrored as EXIF says, as people see it.
   */
  readonly mode?: DecodeMode;
  /**
   * Degrees counterclockwise by which the stored picture is rotated, instead of the EXIF orientation. Open Images
   * publishes such angles for pictures that have lost their EXIF. Default: the mode decides.
   */
  readonly turn?: QuarterTurn;
}

/**
 * Decodes a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP) with `sharp`, which you install beside this package. The
 * format is detected from the bytes, not from the file name.
 *
 * The result has full size. The colour profile is ignored, transparency is dropped, and grey becomes RGB. Of an
 * animation, the first frame is decoded. `as-pil` follows Pillow also for CMYK and 16-bit grey.
 *
 * @param source a path, or the bytes of a file
 * @throws OptionError on an unknown option, mode or angle; DataError if it is not a complete picture, or has more than
 *   67,108,864 pixels; NotSupportedError without sharp
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<BytePicture> {
  checkOptionNames('decodeImage', options, ['mode', 'turn']);
  const { mode = 'as-pil', turn } = options;
  checkChoice('decodeImage', 'options.mode', mode, decodeModes);
  if (turn === undefined) return decodeStored(source, mode, mode === 'upright');
  checkChoice('decodeImage', 'options.turn', `${turn}`, quarterTurns.map(String));
  return turned(await decodeStored(source, mode, false), turn);
}

/** @param byExif whether to rotate as EXIF says */
async function decodeStored(source: string | Uint8Array, mode: DecodeMode, byExif: boolean): Promise<BytePicture> {
  const sharp = await importSharp();
  if (typeof source === 'string') await checkIsFile(source);
  try {
    return await decode(sharp, source, mode, byExif);
  } catch (cause) {
    const { bytes, size } = await beginOf(source).catch(() => ({ bytes: undefined, size: undefined }));
    try {
      if (bytes && isBmp(bytes) && size <= mostBmpBytes) return decodeBmp(await bytesOf(source), mostPixels);
    } catch (ofBmp) {
      throw unreadable(source, ofBmp);
    }
    throw unreadable(source, size === 0 ? new Error('an empty file') : cause);
  }
}

/** Largest size of a BMP file with the allowed number of pixels, with its header. */
const mostBmpBytes = 4 * mostPixels + 2 ** 16;

/** Refuses pipes and devices, because a decoder would wait for their end. */
async function checkIsFile(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats || stats.isFile()) return;
  throw unreadable(path, new Error(stats.isDirectory() ? 'a folder' : 'a device or a pipe'));
}

async function beginOf(source: string | Uint8Array): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  return typeof source === 'string' ? fileBegin(source, 2) : { bytes: source, size: source.byteLength };
}

type Sharp = typeof import('sharp').default;

async function decode(
  sharp: Sharp,
  source: string | Uint8Array,
  mode: DecodeMode,
  byExif: boolean,
): Promise<BytePicture> {
  const limits = { failOn: 'truncated', ignoreIcc: true, limitInputPixels: mostPixels } as const;
  const image = sharp(source, { ...limits, autoOrient: byExif });
  // Requested only if needed, because it takes a tenth of the decoding time.
  const { space, channels } = mode === 'as-pil' && !isPlainJpeg(source) ? await image.metadata() : {};
  if (space === 'cmyk') {
    const raw = image.pipelineColourspace('cmyk').toColourspace('cmyk').raw({ depth: 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    return { height: info.height, width: info.width, pixels: cmykAsPil(data) };
  }
  if (space === 'grey16' && channels === 1) {
    const raw = image.toColourspace('grey16').raw({ depth: 'ushort' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const levels = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
    return { height: info.height, width: info.width, pixels: grey16AsPil(levels) };
  }
  const raw = image.toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { height: info.height, width: info.width, pixels };
}

async function bytesOf(source: string | Uint8Array): Promise<Uint8Array> {
  return typeof source === 'string' ? readFile(source) : source;
}

function unreadable(source: string | Uint8Array, cause: unknown): DataError {
  return new DataError({
    where: 'decodeImage',
    argument: typeof source === 'string' ? source : `${source.byteLength} bytes`,
    expected: 'a picture that can be read',
    received: firstLine(cause),
    cause,
  });
}

/** The first line of an error: libvips writes one for each part of a picture that it cannot read. */
function firstLine(cause: unknown): string {
  return String((cause as Error).message)
    .trim()
    .split('\n')[0];
}

/** Imports sharp. @throws NotSupportedError if it is not installed */
export async function importSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new NotSupportedError({
      where: 'decodeImage',
      argument: 'sharp',
      expected: 'installed',
      received: 'nothing that can be imported',
      hint: 'npm install sharp',
      cause,
    });
  }
}
