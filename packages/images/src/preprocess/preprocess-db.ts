import { checkCount, checkFlag, checkOptionNames } from '@ltml/tensor';
import { mirror } from '../horizontal-flip.ts';
import { normalize } from '../normalize.ts';
import { checkPicture, type FloatPicture, type Picture, toFloat } from '../picture.ts';
import { resizeOpencv } from '../resize/resize-opencv.ts';
import { imagenetStatistics } from '../statistics.ts';

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
 * @throws ShapeError, DataError, OptionError
 * Source: the released code of Wu et al. 2020, which takes it from mmdetection.
 */
export function preprocessDb(picture: Picture, options: PreprocessDbOptions = {}): FloatPicture {
  checkOptionNames('preprocessDb', options, ['size', 'floatInput', 'flip', 'multiple']);
  const { size = 224, floatInput = false, flip = false, multiple = 32 } = options;
  checkCount('preprocessDb', 'options.size', size);
  checkFlag('preprocessDb', 'options.floatInput', floatInput);
  checkFlag('preprocessDb', 'options.flip', flip);
  checkCount('preprocessDb', 'options.multiple', multiple);
  checkPicture('preprocessDb', picture);
  const resized = resizeOpencv(floatInput ? toFloat(picture) : picture, { height: size, width: size });
  const normal = toFloat(normalize(imagenetStatistics)(flip ? mirror(resized) : resized)).pixels;
  const padded = Math.ceil(size / multiple) * multiple;
  const placed = new Float32Array(padded * padded * 3);
  for (let y = 0; y < size; y++) placed.set(normal.subarray(y * size * 3, (y + 1) * size * 3), y * padded * 3);
  return { height: padded, width: padded, pixels: placed };
}
