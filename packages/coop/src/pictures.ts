import type { PublishedPictures } from '@ltml/tensor/contract';

/** Both sides, bilinear, a box of one colour cut out, RandAugment, CLIP's statistics; nothing is mirrored. */
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
