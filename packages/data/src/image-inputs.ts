import { type Pipeline, resolvePipeline } from '@ltml/images';
import { checkCount, ShapeError } from '@ltml/tensor';
import type { ImageSource, InputSource } from './dataset.ts';

/**
 * Pictures as a network's inputs, [B, H, W, 3]: each goes through the steps of the pipeline in order.
 *
 * ```ts
 * const inputs = imageInputs(images, [{ name: 'horizontalFlip' }, { name: 'normalize', ...imagenetStatistics }]);
 * ```
 *
 * In training each image draws from its own stream; in evaluation there is none, and the same steps do only what is not
 * random.
 *
 * @throws OptionError on sizes that are none and steps that are refused; ShapeError when read, if a picture has other than
 *   H · W · 3 values, or the pipeline leaves it of another size than the first had
 */
export function imageInputs(images: ImageSource, pipeline: Pipeline): InputSource {
  checkImages(images);
  const size = images.height * images.width * 3;
  // What is not random decides the size: a blank picture shows it.
  const transform = resolvePipeline(pipeline);
  const { height, width } = transform({
    height: images.height,
    width: images.width,
    pixels: new Uint8Array(size),
  });
  return {
    length: images.length,
    shape: [height, width, 3],
    async read(indices, streams) {
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
        const picture = transform({ height: images.height, width: images.width, pixels }, streams?.(i));
        if (picture.height !== height || picture.width !== width) {
          throw new ShapeError({
            where: 'imageInputs',
            argument: `image ${indices[i]}`,
            expected: `[${height}, ${width}, 3] after the pipeline`,
            received: `[${picture.height}, ${picture.width}, 3]`,
            hint: 'After a step that changes the size at random, resize.',
          });
        }
        batch.set(picture.pixels, i * height * width * 3);
      }
      return batch;
    },
  };
}

function checkImages(images: ImageSource): void {
  const where = 'imageInputs';
  checkCount(where, 'images.length', images.length, { min: 0 });
  checkCount(where, 'images.height', images.height);
  checkCount(where, 'images.width', images.width);
}
