import { createHash } from 'node:crypto';
import { type BytePicture, resizeAntialias } from '@ltml/images';
import { decodeImage, readHeader } from '@ltml/images/node';

/** What is found of one file by decoding it. */
export interface PictureFacts {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970 of its last change, so that a file that changed is looked at again. */
  readonly changed: number;
  /** Why it can't be read; null where it can. What follows is left out where it can't. */
  readonly broken: string | null;
  readonly format?: string;
  /** As people see it. */
  readonly height?: number;
  readonly width?: number;
  readonly orientation?: number;
  readonly cmyk?: boolean;
  readonly frames?: number;
  /** SHA-256 of size and pixels. */
  readonly pixels?: string;
  /** {@link differenceHash}; left out of a picture of one colour. */
  readonly look?: string;
}

/** Decodes a picture, upright, and tells what there is to know of it. @param bytes of the file, negative where there is none */
export async function pictureFacts(path: string, bytes: number, changed: number): Promise<PictureFacts> {
  const file = { path, bytes, changed };
  if (bytes <= 0) return { ...file, broken: bytes === 0 ? 'an empty file' : 'no such file' };
  try {
    const { format, orientation, cmyk, frames } = await readHeader(path);
    const picture = await decodeImage(path, { mode: 'upright' });
    const { height, width } = picture;
    const hash = createHash('sha256').update(`${height} ${width} `).update(picture.pixels);
    const look = differenceHash(picture);
    const facts = { format, height, width, orientation, cmyk, frames, pixels: hash.digest('hex') };
    return { ...file, broken: null, ...facts, ...(look && { look }) };
  } catch (error) {
    return { ...file, broken: reasonOf(error as Error) };
  }
}

/** Of the message of a decoder what was wrong, without the file's name, which the report has. */
function reasonOf({ message }: Error): string {
  return message
    .slice(message.lastIndexOf('read, got ') + 1)
    .replace(/^ead, got /, '')
    .trim()
    .split('\n')[0];
}

/**
 * 64 bits of how a picture looks, as 16 digits: of 8 × 8 places whether the one to the right is darker, after it is made grey
 * and small. Pictures that were resized, compressed again or changed a little differ in few bits.
 *
 * @returns undefined where all places are alike, so that blank pictures are not like each other
 */
export function differenceHash(picture: BytePicture): string | undefined {
  const { pixels } = resizeAntialias(picture, { height: 8, width: 9, filter: 'bilinear' });
  const grey = Float32Array.from({ length: 72 }, (_, i) => {
    return 0.299 * pixels[3 * i] + 0.587 * pixels[3 * i + 1] + 0.114 * pixels[3 * i + 2];
  });
  if (Math.max(...grey) - Math.min(...grey) < 4) return undefined;
  let digits = '';
  for (let row = 0; row < 8; row++) {
    let byte = 0;
    for (let column = 0; column < 8; column++) {
      byte = byte * 2 + Number(grey[row * 9 + column] > grey[row * 9 + column + 1]);
    }
    digits += byte.toString(16).padStart(2, '0');
  }
  return digits;
}
