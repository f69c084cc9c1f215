import type { PublishedPictures } from '@ltml/tensor/contract';

/**
 * The preprocessing of the Distribution-Balanced paper. Both sides are resized with OpenCV's bilinear filter, pixels
 * are normalised with ImageNet's statistics, and the image is padded to a multiple of 32. Training also distorts the
 * colours, crops at random and mirrors, all in floats.
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
