import { type Picture, type Pipeline, resolvePipeline, type Size, type Transform } from '@ltml/images';
import { checkCount, OptionError, ShapeError } from '@ltml/tensor';
import type { InputSource } from './labelled-inputs.ts';
import type { Pictures } from './pictures.ts';

/**
 * Makes network inputs [B, H, W, 3] from pictures: each picture goes through the steps of the pipeline in order.
 *
 * ```ts
 * const inputs = imageInputs(images, [{ name: 'horizontalFlip' }, { name: 'normalize', ...imagenetStatistics }]);
 * ```
 *
 * In training each image has its own random stream. In evaluation there is none, and random steps do nothing. Pictures
 * may differ in size if the pipeline gives all of them the same size.
 *
 * @throws OptionError on invalid steps, and on a pipeline whose result depends on the picture's size; when read,
 *   ShapeError if the pipeline gives a picture another size than the first
 */
export function imageInputs(images: Pictures, pipeline: Pipeline): InputSource {
  checkCount('imageInputs', 'images.length', images.length, { min: 0 });
  const transform = resolvePipeline(pipeline);
  const { height, width } = resultSize(images, transform);
  return {
    length: images.length,
    shape: [height, width, 3],
    async read(indices, streams) {
      const batch = new Float32Array(indices.length * height * width * 3);
      for (let i = 0; i < indices.length; i++) {
        const picture = transform(await images.read(indices[i]), streams?.(i));
        if (picture.height !== height || picture.width !== width) {
          throw new ShapeError({
            where: 'imageInputs',
            argument: `image ${images.key(indices[i])}`,
            expected: `[${height}, ${width}, 3] after the pipeline`,
            received: `[${picture.height}, ${picture.width}, 3]`,
            hint: 'Add a resize after a step that changes the size at random.',
          });
        }
        batch.set(picture.pixels, i * height * width * 3);
      }
      return batch;
    },
  };
}

/** Sizes of two blank sample pictures of different shape, to find the pipeline's output size. */
const samples: readonly Size[] = [
  { height: 61, width: 83 },
  { height: 96, width: 52 },
];

/** The output size of the pipeline. Random steps do not change it, so blank pictures show it. */
function resultSize({ size }: Pictures, transform: Transform): Size {
  const [first, second = first] = (size ? [size] : samples).map((sample) => transform(blank(sample)));
  if (first.height === second.height && first.width === second.width) return first;
  throw new OptionError({
    where: 'imageInputs',
    argument: 'pipeline',
    expected: 'one that gives all pictures the same size',
    received: 'one whose result depends on the size of the picture',
    hint: 'Begin with { name: "resize", height, width }, for example.',
  });
}

function blank({ height, width }: Size): Picture {
  checkCount('imageInputs', 'images.size.height', height);
  checkCount('imageInputs', 'images.size.width', width);
  return { height, width, pixels: new Uint8Array(height * width * 3) };
}
