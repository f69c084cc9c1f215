import { type DrawViewsOptions, drawViews, splitViews } from '@ltml/images';
import type { InputParts } from './labelled-inputs.ts';
import type { Pictures } from './pictures.ts';

/**
 * Inputs for contrastive learning: two views of each picture, patches of the first view, and their boxes, as
 * `drawViews` of `@ltml/images` makes them. The parts have the names and shapes of `Views`. Without random streams,
 * views and patches show the whole picture.
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
