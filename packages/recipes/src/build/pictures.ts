import { type Dataset, imageInputs } from '@ltml/data';
import type { ChannelStatistics, Pipeline } from '@ltml/images';
import { type Augmentation, augmentationSteps } from '../parts/augmentation.ts';
import type { ImageSet } from '../parts/datasets.ts';

/** Images as an encoder takes them: normalised, and changed at random where there is an augmentation. */
export function picturesOf(
  { name, classes, labels, images }: ImageSet,
  statistics: ChannelStatistics,
  augment?: Augmentation,
): Dataset {
  const pipeline: Pipeline = [...(augment ? augmentationSteps(augment) : []), { name: 'normalize', ...statistics }];
  return { name, classes, labels, inputs: imageInputs(images, pipeline) };
}
