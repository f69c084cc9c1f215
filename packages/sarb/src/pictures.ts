import type { PictureStep, PublishedPictures } from '@ltml/tensor/contract';

/**
 * SARB's preprocessing: both sides resized with a bicubic filter, then normalised with ImageNet's mean and standard
 * deviation. Training first crops a random square, with a side of 4/7 to 8/7 of `size`, from the image at 8/7 of
 * `size`, and flips at random.
 */
export const pictures: PublishedPictures = {
  size: 448,
  steps(size) {
    const side = (sevenths: number): number => Math.round((size * sevenths) / 7);
    const to = (length: number): PictureStep => ({ name: 'resize', height: length, width: length, filter: 'bicubic' });
    return {
      train: [
        to(side(8)),
        { name: 'randomSquareCrop', sides: [8, 7, 6, 5, 4].map(side) },
        to(size),
        { name: 'horizontalFlip' },
      ],
      test: [to(size)],
      normalization: 'imagenet',
    };
  },
};
