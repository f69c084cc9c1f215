import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * In training a random part, bicubic, mirrored, timm's RandAugment; in the test shorter side size / 0.875 (just `size` above
 * 224), bicubic, the middle. ImageNet's statistics, for CLIP's teacher too.
 */
export const pictures: PublishedPictures = {
  size: 224,
  steps: (size) => ({
    train: [
      { name: 'randomResizedCrop', size, scale: [0.08, 1], ratio: [3 / 4, 4 / 3], filter: 'bicubic' },
      { name: 'horizontalFlip' },
      { name: 'timmRandAugment', count: 2, magnitude: 9, deviation: 0.5, probability: 0.5 },
    ],
    test: [
      { name: 'resize', shorterSide: size > 224 ? size : Math.trunc(size / 0.875), filter: 'bicubic' },
      { name: 'centerCrop', size },
    ],
    normalization: 'imagenet',
  }),
};
