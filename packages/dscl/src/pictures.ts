import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * The second stage: a random part, mirrored, its colours changed as in the query view of the first stage; in the test shorter
 * side size · 256 / 224, bilinear, the middle. ImageNet's statistics.
 */
export const pictures: PublishedPictures = {
  size: 224,
  steps: (size) => ({
    train: [
      { name: 'randomResizedCrop', size, scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
      { name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 },
      { name: 'randomGrayscale', probability: 0.2 },
      { name: 'gaussianBlur', sigma: [0.1, 2], probability: 0.5 },
      { name: 'horizontalFlip' },
    ],
    test: [
      { name: 'resize', shorterSide: Math.trunc((size * 256) / 224), filter: 'bilinear' },
      { name: 'centerCrop', size },
    ],
    normalization: 'imagenet',
  }),
};
