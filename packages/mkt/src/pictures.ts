import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * MKT's preprocessing, normalised with ImageNet's mean and standard deviation (also for the CLIP teacher).
 *
 * - Training: a random resized crop with a bicubic filter, a random flip, and timm's RandAugment.
 * - Test: the shorter side resized to size / 0.875 with a bicubic filter (to `size` above 224), then a centre crop.
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
