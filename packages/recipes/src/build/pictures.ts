import { type Dataset, imageInputs } from '@ltml/data';
import { type ChannelStatistics, normalize } from '@ltml/images';
import { type Augmentation, augmentationTransforms } from '../parts/augmentation.ts';
import type { ImageSet } from '../parts/datasets.ts';

/** Images as an encoder takes them: normalised, and changed at random where there is an augmentation. */
export function picturesOf(
  { name, classes, labels, images }: ImageSet,
  statistics: ChannelStatistics,
  augment?: Augmentation,
): Dataset {
  const transforms = [...(augment ? augmentationTransforms(augment) : []), normalize(statistics)];
  return { name, classes, labels, inputs: imageInputs(images, transforms) };
}
