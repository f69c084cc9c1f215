import type { PublishedPictures } from '@ltml/tensor/contract';

/** Both sides, bilinear, levels 0 … 1; the released code normalises no further and mirrors nothing. */
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
