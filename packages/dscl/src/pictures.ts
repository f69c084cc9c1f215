import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * DSCL's preprocessing for the second stage, normalised with ImageNet's mean and standard deviation.
 *
 * - Training: a random resized crop, a random flip, and the colour changes of the first stage's query view.
 * - Test: the shorter side resized to size · 256 / 224 with a bilinear filter, then a centre crop.
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
