import { type Picture, type Pipeline, resolvePipeline, type Size, type Transform } from '@ltml/images';
import { checkCount, OptionError, ShapeError } from '@ltml/tensor';
import type { InputSource } from './labelled-inputs.ts';
import type { Pictures } from './pictures.ts';

/**
 * Pictures as a network's inputs, [B, H, W, 3]: each goes through the steps of the pipeline in order.
 *
 * ```ts
 * const inputs = imageInputs(images, [{ name: 'horizontalFlip' }, { name: 'normalize', ...imagenetStatistics }]);
 * ```
 *
 * In training each image draws from its own stream; in evaluation there is none, and the same steps do only what is not
 * random. Pictures may differ in size where the pipeline makes one size of them.
 *
 * @throws OptionError on steps that are refused, and on a pipeline that leaves pictures of different sizes different;
 *   ShapeError when read, if the pipeline leaves a picture of another size than the first had
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
            hint: 'After a step that changes the size at random, resize.',
          });
        }
        batch.set(picture.pixels, i * height * width * 3);
      }
      return batch;
    },
  };
}

/** Sides of a small picture, and of one of another shape, to see by what a pipeline makes of sizes. */
const samples: readonly Size[] = [
  { height: 61, width: 83 },
  { height: 96, width: 52 },
];

/** The size that the pipeline makes. What is not random decides it: blank pictures show it. */
function resultSize({ size }: Pictures, transform: Transform): Size {
  const [first, second = first] = (size ? [size] : samples).map((sample) => transform(blank(sample)));
  if (first.height === second.height && first.width === second.width) return first;
  throw new OptionError({
    where: 'imageInputs',
    argument: 'pipeline',
    expected: 'one that makes pictures of any size alike',
    received: 'one that keeps their sizes',
    hint: 'Begin with { name: "resize", height, width }, for example.',
  });
}

function blank({ height, width }: Size): Picture {
  checkCount('imageInputs', 'images.size.height', height);
  checkCount('imageInputs', 'images.size.width', width);
  return { height, width, pixels: new Uint8Array(height * width * 3) };
}
