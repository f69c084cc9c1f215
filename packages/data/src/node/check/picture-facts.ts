import { createHash } from 'node:crypto';
import { type BytePicture, resizeAntialias } from '@ltml/images';
import { decodeImage, readHeader } from '@ltml/images/node';

/** The facts about a picture file, found by decoding it. */
export interface PictureFacts {
  readonly path: string;
  readonly bytes: number;
  /** Time of the last change in milliseconds since 1970; a changed file is checked again. */
  readonly changed: number;
  /** Why it cannot be read; null if it can. If it cannot, the following fields are left out. */
  readonly broken: string | null;
  readonly format?: string;
  /** Of the upright picture. */
  readonly height?: number;
  readonly width?: number;
  readonly orientation?: number;
  readonly cmyk?: boolean;
  readonly frames?: number;
  /** SHA-256 of the size and the pixels. */
  readonly pixels?: string;
  /** {@link differenceHash}; left out for a picture of one colour. */
  readonly look?: string;
}

/** Decodes a picture upright and collects its facts. @param bytes size of the file; negative if it does not exist */
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

/** The reason in a decoder's message, without the file name, which the report shows anyway. */
function reasonOf({ message }: Error): string {
  return message
    .slice(message.lastIndexOf('read, got ') + 1)
    .replace(/^ead, got /, '')
    .trim()
    .split('\n')[0];
}

/**
 * A 64-bit hash of how a picture looks, as 16 hexadecimal digits. The picture is made grey and small; for each of 8 × 8
 * positions a bit tells whether the position to the right is darker. Pictures that were resized, compressed again or
 * slightly changed differ in few bits.
 *
 * @returns undefined if all positions are equal, so that blank pictures do not count as similar
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
