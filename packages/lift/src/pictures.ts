import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * LIFT's preprocessing, normalised with CLIP's mean and standard deviation.
 *
 * - Training: a random resized crop and a random flip.
 * - Test: the shorter side resized to 8/7 · size, then a centre crop. For the five crops of the published tables,
 *   replace these two steps by a `resize` to size + 24 and `fiveCrops`.
 */
export const pictures: PublishedPictures = {
  size: 224,
  steps: (size) => ({
    train: [
      { name: 'randomResizedCrop', size, scale: [0.08, 1], ratio: [3 / 4, 4 / 3], filter: 'bilinear' },
      { name: 'horizontalFlip' },
    ],
    test: [
      { name: 'resize', shorterSide: Math.trunc((8 / 7) * size), filter: 'bilinear' },
      { name: 'centerCrop', size },
    ],
    normalization: 'clip',
  }),
};
