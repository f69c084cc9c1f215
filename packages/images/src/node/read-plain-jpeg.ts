import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Box, Size } from '../box.ts';
import type { BytePicture } from '../picture.ts';
import { headBytes, plainJpeg } from './plain-jpeg.ts';
import type { TurboJpeg } from './turbo-jpeg.ts';

/** Limits on the memory of a thread; sharp decodes larger pictures. */
const most = { fileBytes: 2 ** 24, pixelBytes: 3 * 2 ** 24 };

/** The marker at the end of a JPEG. */
const endOfImage = 0xd9;

/** Buffers of this thread, reused for every file. */
let file: Uint8Array = new Uint8Array(2 ** 20);
let pixels: Uint8Array = new Uint8Array(2 ** 20);

/**
 * Reads and decodes a JPEG in this thread. The pixels equal those of `decodeImage`. Their memory is reused for the next
 * picture.
 *
 * @param byExif whether the result must be upright
 * @param partOf the part of the picture that is needed, from its size; default all. The other pixels may be those of
 *   another picture
 * @returns undefined unless the file is certainly a complete, common JPEG that needs no rotation. Use `decodeImage` for
 *   all others
 */
export function readPlainJpeg(
  turbo: TurboJpeg,
  path: string,
  byExif: boolean,
  partOf?: (size: Size) => Box,
): BytePicture | undefined {
  const jpeg = readFile(path, byExif);
  if (!jpeg) return undefined;
  const { height, width, bytes } = jpeg;
  const part = jpeg.isDivisible ? partOf?.(jpeg) : undefined;
  const size = height * width * 3;
  if (pixels.length < size) pixels = new Uint8Array(size);
  return turbo.decode(bytes, jpeg, pixels, part) ? { height, width, pixels: pixels.subarray(0, size) } : undefined;
}

interface JpegFile extends Size {
  /** Whether a part of it can be decoded, and the file is known to be complete without decoding the rest. */
  readonly isDivisible: boolean;
  readonly bytes: Uint8Array;
}

function readFile(path: string, byExif: boolean): JpegFile | undefined {
  let opened: number | undefined;
  try {
    // Without this flag, opening a pipe would wait for its other end.
    opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(opened);
    if (!stats.isFile() || stats.size > most.fileBytes) return undefined;
    if (file.length < stats.size) file = new Uint8Array(stats.size);
    let end = readSync(opened, file, 0, Math.min(headBytes, stats.size), 0);
    const jpeg = plainJpeg(file.subarray(0, end));
    if (!jpeg?.isUsual || (byExif && !jpeg.isUpright)) return undefined;
    const { height, width } = jpeg;
    if (height * width === 0 || height * width * 3 > most.pixelBytes) return undefined;
    while (end < stats.size) {
      const count = readSync(opened, file, end, stats.size - end, end);
      if (count === 0) return undefined;
      end += count;
    }
    const isWhole = file[end - 2] === 0xff && file[end - 1] === endOfImage;
    return { height, width, isDivisible: isWhole && !jpeg.isProgressive, bytes: file.subarray(0, end) };
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
