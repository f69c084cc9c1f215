import type { BytePicture } from '@ltml/images';

/**
 * The levels of a picture as people see it: turned by its EXIF orientation, without its colour profile, as `decodeImage` of
 * `@ltml/images/node` has it with `mode: 'upright'`. PNG gives the same levels; decoders of JPEG and WebP differ by
 * a level or two. What lies under transparency is lost in a browser.
 *
 * @throws Error that names the file if the browser cannot read it
 */
export async function decode(file: File): Promise<BytePicture> {
  const options = { imageOrientation: 'from-image', colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  const bitmap = await createImageBitmap(file, options).catch(() => {
    throw new Error(`${file.name} is no picture that this browser can read`);
  });
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    pixels[to++] = data[from];
    pixels[to++] = data[from + 1];
    pixels[to++] = data[from + 2];
  }
  return { width, height, pixels };
}
