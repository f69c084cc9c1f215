import { OptionError } from '@ltml/tensor';
import type { Size } from '../box.ts';
import { type Pipeline, resolvePipeline } from './pipeline.ts';

/** Sides of a small picture, and of one of another shape: what is not random decides the size, and blank pictures show it. */
const samples: readonly Size[] = [
  { height: 61, width: 83 },
  { height: 96, width: 52 },
];

/**
 * The size that a pipeline makes pictures of any size.
 *
 * @throws OptionError if pictures of different sizes stay different, or a step is refused
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
    expected: 'one that makes pictures of any size alike',
    received: 'one that keeps their sizes',
    hint: 'Begin with { name: "resize", height, width }, for example.',
  });
}
