import type { PictureStep, PublishedPictures } from '@ltml/tensor/contract';

/** Both sides, bicubic, ImageNet's statistics; in training a square of 4/7 to 8/7 of the size, and mirrored. */
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
