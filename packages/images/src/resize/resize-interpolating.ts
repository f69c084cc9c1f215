import { checkOptionNames } from '@ltml/tensor';
import { checkPicture, type FloatPicture, type Picture, toFloat } from '../picture.ts';
import { resample } from './resample.ts';
import { checkResizeOptions, type ResizeOptions } from './resize-antialias.ts';
import { interpolatingTaps } from './taps.ts';

/**
 * Resizes a picture in floating point, interpolating between the nearest pixels even when it shrinks. It equals
 * PyTorch's `interpolate` with half-pixel centres and, with the filter `bilinear`, OpenCV's `resize` of floats. Bicubic
 * results may exceed the range of the pixels.
 *
 * @throws ShapeError, DataError, OptionError
 */
export function resizeInterpolating(picture: Picture, options: ResizeOptions): FloatPicture {
  checkPicture('resizeInterpolating', picture);
  checkOptionNames('resizeInterpolating', options, ['height', 'width', 'filter']);
  checkResizeOptions('resizeInterpolating', options);
  const { height, width, filter } = options;
  const rows = { length: picture.height, from: 0, to: picture.height, size: height, first: 0, end: height };
  const columns = { length: picture.width, from: 0, to: picture.width, size: width, first: 0, end: width };
  return toFloat(resample(toFloat(picture), interpolatingTaps(rows, filter), interpolatingTaps(columns, filter)));
}
