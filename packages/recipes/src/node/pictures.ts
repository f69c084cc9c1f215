import {
  contrastiveViews,
  type InputParts,
  type InputSource,
  imageInputs,
  type LabelledInputs,
  type Pictures,
} from '@ltml/data';
import { arePictureFiles, poolInputs, poolViews } from '@ltml/data/node';
import type { DrawViewsOptions, Pipeline } from '@ltml/images';
import type { PicturePool } from '@ltml/images/node';
import type { ImageSet } from '../build/image-set.ts';

/** Images as an encoder takes them, with their labels. The threads of the pool read images from files. */
export function picturesOf(
  { name, classes, labels, images }: ImageSet,
  pipeline: Pipeline,
  pool?: PicturePool,
): LabelledInputs {
  return { name, classes, labels, inputs: inputsOfPictures(images, pipeline, pool) };
}

/** Images as an encoder takes them, without labels. */
export function inputsOfPictures(images: Pictures, pipeline: Pipeline, pool?: PicturePool): InputSource {
  if (!pool || !arePictureFiles(images)) return imageInputs(images, pipeline);
  return poolInputs(pool.reader({ pipeline, mode: images.mode }), images);
}

/** Images in contrastive views. The threads of the pool read images from files. */
export function viewsOf(
  { images }: Pick<ImageSet, 'images'>,
  options: DrawViewsOptions,
  pool: PicturePool,
): InputParts {
  if (!arePictureFiles(images)) return contrastiveViews(images, options);
  return poolViews(pool.viewReader({ ...options, mode: images.mode }), images);
}
