import { stat } from 'node:fs/promises';
import { isBmp } from './decode-bmp.ts';
import { fileBegin } from './file-begin.ts';

/** What the header of a picture file says; the picture is not decoded. */
export interface PictureHeader {
  /** The format, e.g. `jpeg`. */
  readonly format: string;
  /** Number of stored rows. */
  readonly height: number;
  /** Number of stored columns. */
  readonly width: number;
  /** EXIF orientation, 1 … 8; 1 if the file has none. */
  readonly orientation: number;
  /** Whether colours are stored as CMYK, which decoders convert in different ways. */
  readonly cmyk: boolean;
  /** Number of frames in the file; the first is the one that is decoded. */
  readonly frames: number;
}

/** Reads the header of a picture file. @throws Error of sharp if the file is not a picture that it knows */
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
