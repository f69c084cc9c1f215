import type { Picture, Transform } from '@ltml/images';
import { checkCount, OptionError, ShapeError } from '@ltml/tensor';
import type { ImageSource, InputSource } from './dataset.ts';

/**
 * Pictures as a network's inputs, [B, H, W, 3]: each is widened to float32 and passed through the transforms in order.
 *
 * ```ts
 * const inputs = imageInputs(images, [horizontalFlip(), padAndShift(4), normalize(imagenetStatistics)]);
 * ```
 *
 * In training the images of a batch draw one after another from the stream of the batch; in evaluation there is none, and
 * the same transforms do only what is not random.
 *
 * @throws OptionError on sizes that are none and transforms that are no functions; ShapeError when read, if a picture has
 *   other than H · W · 3 values, or the transforms leave it of another size than the first had
 */
export function imageInputs(images: ImageSource, transforms: readonly Transform[]): InputSource {
  checkImages(images, transforms);
  const size = images.height * images.width * 3;
  // What is not random decides the size: a blank picture shows it.
  const { height, width } = transforms.reduce<Picture>((picture, transform) => transform(picture), {
    height: images.height,
    width: images.width,
    pixels: new Uint8Array(size),
  });
  return {
    length: images.length,
    shape: [height, width, 3],
    async read(indices, random) {
      const batch = new Float32Array(indices.length * height * width * 3);
      for (let i = 0; i < indices.length; i++) {
        const pixels = await images.read(indices[i]);
        if (pixels.length !== size) {
          throw new ShapeError({
            where: 'imageInputs',
            argument: `image ${indices[i]}`,
            expected: `[${images.height}, ${images.width}, 3], ${size} values`,
            received: `${pixels.length} values`,
          });
        }
        const stored: Picture = { height: images.height, width: images.width, pixels };
        const picture = transforms.reduce((before, transform) => transform(before, random), stored);
        if (picture.height !== height || picture.width !== width) {
          throw new ShapeError({
            where: 'imageInputs',
            argument: `image ${indices[i]}`,
            expected: `[${height}, ${width}, 3] after the transforms`,
            received: `[${picture.height}, ${picture.width}, 3]`,
            hint: 'End transforms that change the size with resize.',
          });
        }
        batch.set(picture.pixels, i * height * width * 3);
      }
      return batch;
    },
  };
}

function checkImages(images: ImageSource, transforms: readonly unknown[]): void {
  const where = 'imageInputs';
  checkCount(where, 'images.length', images.length, { min: 0 });
  checkCount(where, 'images.height', images.height);
  checkCount(where, 'images.width', images.width);
  const stray = transforms.findIndex((transform) => typeof transform !== 'function');
  if (stray < 0) return;
  const received = `${typeof transforms[stray]}`;
  throw new OptionError({ where, argument: `transforms[${stray}]`, expected: 'a function', received });
}
