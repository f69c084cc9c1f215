import { type Picture, toBytes } from '@ltml/images';
import sharp, { type Sharp } from 'sharp';

/** Length of the longest side, in pixels. */
const side = 128;

/** A small upright JPEG of a picture file, as a data URL; undefined if the file can't be read. */
export async function thumbnail(path: string): Promise<string | undefined> {
  try {
    return await addressOf(sharp(path, { autoOrient: true }));
  } catch {
    return undefined;
  }
}

/** A small JPEG of a picture with RGB from 0 to 255, as a data URL. */
export function pictureThumbnail(picture: Picture): Promise<string> {
  const { height, width, pixels } = toBytes(picture);
  return addressOf(sharp(pixels, { raw: { width, height, channels: 3 } }));
}

/** A small JPEG of a drawing over a picture, as a data URL. */
export async function drawnThumbnail(drawn: Sharp): Promise<string> {
  // Encode once before resizing: sharp would resize first and draw then.
  return addressOf(sharp(await drawn.png().toBuffer()));
}

async function addressOf(image: Sharp): Promise<string> {
  const small = image.resize(side, side, { fit: 'inside', withoutEnlargement: true });
  const bytes = await small.flatten({ background: '#888' }).jpeg({ quality: 85 }).toBuffer();
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}
