import sharp from 'sharp';

/** Longest side in pixels. */
const side = 128;

/** A small upright JPEG of a picture's file, as an address for a page; undefined if there can be none. */
export async function thumbnail(path: string): Promise<string | undefined> {
  try {
    const small = sharp(path, { autoOrient: true }).resize(side, side, { fit: 'inside', withoutEnlargement: true });
    const bytes = await small.flatten({ background: '#888' }).jpeg({ quality: 80 }).toBuffer();
    return `data:image/jpeg;base64,${bytes.toString('base64')}`;
  } catch {
    return undefined;
  }
}
