import { type DrawViewsOptions, drawViews, splitViews } from '@ltml/images';
import type { InputParts } from './labelled-inputs.ts';
import type { Pictures } from './pictures.ts';

/**
 * Pictures as two views each, patches of the first and their boxes: inputs by the names and shapes of `Views`, as
 * `drawViews` of `@ltml/images` draws them. Without a stream, views and patches are the whole picture.
 *
 * @throws OptionError
 * Source: DSCL (AAAI 2024), released code.
 */
export function contrastiveViews(images: Pictures, options: DrawViewsOptions): InputParts {
  const drawing = drawViews(options);
  const { shape, size, draw } = drawing;
  return {
    length: images.length,
    shape,
    async read(indices, streams) {
      const values = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) {
        const picture = await images.read(indices[i]);
        draw(picture, streams && ((view) => streams(i, view)), values.subarray(i * size, (i + 1) * size));
      }
      return splitViews(drawing, values);
    },
  };
}
