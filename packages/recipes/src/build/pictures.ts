import { type Dataset, imageInputs } from '@ltml/data';
import type { Pipeline } from '@ltml/images';
import type { ImageSet } from './image-set.ts';

/** Images as an encoder takes them. */
export function picturesOf({ name, classes, labels, images }: ImageSet, pipeline: Pipeline): Dataset {
  return { name, classes, labels, inputs: imageInputs(images, pipeline) };
}
