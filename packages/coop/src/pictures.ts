import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * DualCoOp's preprocessing: both sides resized with a bilinear filter, normalised with CLIP's mean and standard
 * deviation. In training also cutout (in one colour) and RandAugment, but no flip.
 */
export const pictures: PublishedPictures = {
  size: 448,
  steps(size) {
    const resize = { name: 'resize', height: size, width: size, filter: 'bilinear' };
    return {
      train: [resize, { name: 'cutout', share: 0.5 }, { name: 'randAugment', count: 2, probability: 0.5 }],
      test: [resize],
      normalization: 'clip',
    };
  },
};
