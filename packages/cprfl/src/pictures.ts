import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * CPRFL's preprocessing: both sides resized to 448 pixels with a bilinear filter, values in 0 … 1.
 *
 * Source: released code, which neither normalises further nor flips images.
 */
export const pictures: PublishedPictures = {
  size: 448,
  steps(size) {
    const resize = { name: 'resize', height: size, width: size, filter: 'bilinear' };
    return {
      train: [resize, { name: 'cutout', share: 0.5 }, { name: 'randAugment', count: 2, probability: 0.5 }],
      test: [resize],
      normalization: 'none',
    };
  },
};
