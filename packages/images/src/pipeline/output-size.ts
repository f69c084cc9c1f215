import { OptionError } from '@ltml/tensor';
import type { Size } from '../box.ts';
import { type Pipeline, resolvePipeline } from './pipeline.ts';

/**
 * Sizes of two blank sample pictures of different shape. Random steps do not change the size, so the samples show it.
 */
const samples: readonly Size[] = [
  { height: 61, width: 83 },
  { height: 96, width: 52 },
];

/**
 * The size of the pictures that a pipeline makes from pictures of any size.
 *
 * @throws OptionError if the result's size depends on the picture, or a step is refused
 */
export function outputSize(pipeline: Pipeline): Size {
  const transform = resolvePipeline(pipeline);
  const [first, second] = samples.map(({ height, width }) => {
    const made = transform({ height, width, pixels: new Uint8Array(height * width * 3) });
    return { height: made.height, width: made.width };
  });
  if (first.height === second.height && first.width === second.width) return first;
  throw new OptionError({
    where: 'outputSize',
    argument: 'pipeline',
    expected: 'one that gives all pictures the same size',
    received: 'one whose result depends on the size of the picture',
    hint: 'Begin with { name: "resize", height, width }, for example.',
  });
}
