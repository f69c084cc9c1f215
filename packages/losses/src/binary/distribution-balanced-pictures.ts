import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * The pictures of the Distribution-Balanced loss's paper: OpenCV's bilinear resize of both sides, ImageNet's statistics, padded
 * to a multiple of 32. In training in floats, with changed colours, a random part and mirrored.
 *
 * Source: the released code of Wu et al. (ECCV 2020), which takes it from mmdetection.
 */
export const distributionBalancedPictures: PublishedPictures = {
  size: 224,
  steps(size) {
    const resize = { name: 'resize', height: size, width: size, like: 'opencv' };
    const pad = { name: 'padToMultiple', multiple: 32 };
    return {
      train: [
        { name: 'toFloat' },
        { name: 'photometricDistortion', brightness: 32, contrast: [0.5, 1.5], saturation: [0.5, 1.5], hue: 18 },
        { name: 'randomCrop', keep: 0.8 },
        resize,
        { name: 'normalize' },
        { name: 'horizontalFlip' },
        pad,
      ],
      test: [resize, { name: 'normalize' }, pad],
      normalization: 'imagenet',
    };
  },
};
