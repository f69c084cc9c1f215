import { importSharp } from './decode-image.ts';
import { importTurboJpeg } from './turbo-jpeg.ts';

/** Parts of sharp that influence decoded pixels. */
const parts = ['sharp', 'vips', 'mozjpeg', 'jpeg', 'png', 'spng', 'webp', 'tiff', 'heif'];

/**
 * Versions of the libraries that decode pictures; other versions may give other pixels. `jpeg-turbo` is the package
 * `@julusian/jpeg-turbo`, if a pool uses it.
 *
 * @throws NotSupportedError without sharp
 */
export async function decoderVersions(): Promise<Readonly<Record<string, string>>> {
  const [{ versions }, turbo] = await Promise.all([importSharp(), importTurboJpeg()]);
  const ofSharp = Object.entries(versions).filter(([name]) => parts.includes(name));
  return { ...Object.fromEntries(ofSharp), ...(turbo && { 'jpeg-turbo': turbo.version }) } as Record<string, string>;
}
