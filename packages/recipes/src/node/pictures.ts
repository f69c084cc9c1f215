import { imageInputs, type LabelledInputs } from '@ltml/data';
import { arePictureFiles, poolInputs } from '@ltml/data/node';
import type { Pipeline } from '@ltml/images';
import type { PicturePool } from '@ltml/images/node';
import type { ImageSet } from '../build/image-set.ts';

/** Images as an encoder takes them; the threads of the pool read those that lie in files. */
export function picturesOf(
  { name, classes, labels, images }: ImageSet,
  pipeline: Pipeline,
  pool?: PicturePool,
): LabelledInputs {
  if (!pool || !arePictureFiles(images)) return { name, classes, labels, inputs: imageInputs(images, pipeline) };
  const files = Array.from({ length: images.length }, (_, i) => images.path(i));
  return { name, classes, labels, inputs: poolInputs(pool.reader({ pipeline, mode: images.mode }), files) };
}
