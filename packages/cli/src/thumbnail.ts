import { type Picture, toBytes } from '@ltml/images';
import sharp, { type Sharp } from 'sharp';

/** Longest side in pixels. */
const side = 128;

/** A small upright JPEG of a picture's file, as an address for a page; undefined if there can be none. */
export async function thumbnail(path: string): Promise<string | undefined> {
  try {
    return await addressOf(sharp(path, { autoOrient: true }));
  } catch {
    return undefined;
  }
}

/** A small JPEG of a picture of levels 0 to 255, as an address for a page. */
export function pictureThumbnail(picture: Picture): Promise<string> {
  const { height, width, pixels } = toBytes(picture);
  return addressOf(sharp(pixels, { raw: { width, height, channels: 3 } }));
}

/** A small JPEG of what is drawn over a picture. */
export async function drawnThumbnail(drawn: Sharp): Promise<string> {
  // Through a file's bytes: what is drawn over a picture comes after its resizing.
  return addressOf(sharp(await drawn.png().toBuffer()));
}

async function addressOf(image: Sharp): Promise<string> {
  const small = image.resize(side, side, { fit: 'inside', withoutEnlargement: true });
  const bytes = await small.flatten({ background: '#888' }).jpeg({ quality: 85 }).toBuffer();
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}
