import { stat } from 'node:fs/promises';
import { isBmp } from './decode-bmp.ts';
import { fileBegin } from './file-begin.ts';

/** What a picture's file says of itself; nothing is decoded. */
export interface PictureHeader {
  /** E.g. `jpeg`. */
  readonly format: string;
  /** Of the stored rows. */
  readonly height: number;
  readonly width: number;
  /** Of EXIF, 1 … 8; 1 where the file says none. */
  readonly orientation: number;
  /** Whether colours are stored for printing, which decoders convert in different ways. */
  readonly cmyk: boolean;
  /** Pictures in the file; the first is the one that is read. */
  readonly frames: number;
}

/**
 * Reads size, format and orientation of a picture, without decoding it.
 *
 * @throws Error of sharp if the file is no picture that it knows
 */
export async function readHeader(path: string): Promise<PictureHeader> {
  const { default: sharp } = await import('sharp');
  if ((await stat(path)).isDirectory()) throw new Error('a folder');
  try {
    const { format, height, width, orientation = 1, space, pages = 1 } = await sharp(path).metadata();
    return { format, height, width, orientation, cmyk: space === 'cmyk', frames: pages };
  } catch (error) {
    const { bytes } = await fileBegin(path, 26);
    if (!isBmp(bytes) || bytes.length < 26) throw error;
    const [width, height] = [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))];
    return { format: 'bmp', height, width, orientation: 1, cmyk: false, frames: 1 };
  }
}
