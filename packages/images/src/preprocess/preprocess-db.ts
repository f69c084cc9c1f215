import { checkOptionNames } from '@ltml/tensor';
import { resizeFloat } from '../resize/resize-float.ts';
import { resizeOpencv } from '../resize/resize-opencv.ts';
import { checkRgbImage, type RgbImage } from '../rgb-image.ts';
import { imagenetStatistics } from '../statistics.ts';
import { type NetworkImage, normalizeImage } from './preprocess.ts';

export interface PreprocessDbOptions {
  /** Both sides; default 224. */
  readonly size?: number;
  /**
   * Whether levels are widened before resizing, as while training, so that they are not rounded after it. Default false, as
   * in the test.
   */
  readonly floatInput?: boolean;
  /** Mirrors left and right; default false. */
  readonly flip?: boolean;
  /** Both sides are padded by zeros, at the bottom and at the right, to a multiple of this; default 32. */
  readonly multiple?: number;
}

/**
 * The pipeline of the Distribution-Balanced loss: OpenCV's bilinear resize of both sides, ImageNet's statistics, mirroring,
 * padding.
 *
 * @throws ShapeError, OptionError
 * Source: the released code of Wu et al. 2020, which takes it from mmdetection.
 */
export function preprocessDb(image: RgbImage, options: PreprocessDbOptions = {}): NetworkImage {
  checkOptionNames('preprocessDb', options, ['size', 'floatInput', 'flip', 'multiple']);
  checkRgbImage('preprocessDb', image);
  const { size = 224, floatInput = false, flip = false, multiple = 32 } = options;
  const sides = { height: size, width: size };
  const { height, width, pixels } = image;
  const levels = floatInput
    ? resizeFloat({ height, width, channels: 3, values: pixels }, { ...sides, filter: 'bilinear' })
    : resizeOpencv(image, sides).pixels;
  const normal = normalizeImage({ ...sides, pixels: levels }, imagenetStatistics).pixels;
  const padded = Math.ceil(size / multiple) * multiple;
  const placed = new Float32Array(padded * padded * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (y * size + (flip ? size - 1 - x : x)) * 3;
      placed.set(normal.subarray(from, from + 3), (y * padded + x) * 3);
    }
  }
  return { height: padded, width: padded, pixels: placed };
}
