import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * LMPT's preprocessing: both sides resized with a bilinear filter, a random flip in training, normalised with
 * ImageNet's mean and standard deviation, although the encoder is a CLIP.
 */
export const pictures: PublishedPictures = {
  size: 224,
  steps(size) {
    const resize = { name: 'resize', height: size, width: size, filter: 'bilinear' };
    return { train: [resize, { name: 'horizontalFlip' }], test: [resize], normalization: 'imagenet' };
  },
};
