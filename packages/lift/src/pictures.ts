import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * In training a random part, mirrored; in the test shorter side 8/7 · size, the middle. CLIP's statistics. For the five crops
 * of the published tables write `resize` to size + 24 and `fiveCrops` in place of the last two steps.
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
