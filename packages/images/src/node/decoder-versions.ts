import { importSharp } from './decode-image.ts';

/** Parts of sharp that decide which levels a picture has. */
const parts = ['sharp', 'vips', 'mozjpeg', 'jpeg', 'png', 'spng', 'webp', 'tiff', 'heif'];

/**
 * Versions of what decodes pictures: other versions may give other levels.
 *
 * @throws NotSupportedError without sharp
 */
export async function decoderVersions(): Promise<Readonly<Record<string, string>>> {
  const { versions } = await importSharp();
  return Object.fromEntries(Object.entries(versions).filter(([name]) => parts.includes(name))) as Record<
    string,
    string
  >;
}
