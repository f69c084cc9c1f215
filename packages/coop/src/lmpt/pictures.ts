import type { PublishedPictures } from '@ltml/tensor/contract';

/** Both sides, bilinear, mirrored; ImageNet's statistics, though the encoder is a CLIP's. */
export const pictures: PublishedPictures = {
  size: 224,
  steps(size) {
    const resize = { name: 'resize', height: size, width: size, filter: 'bilinear' };
    return { train: [resize, { name: 'horizontalFlip' }], test: [resize], normalization: 'imagenet' };
  },
};
