import { checkChoice, checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import { type Box, type Size, wholeBox } from '../box.ts';
import { checkPicture, type Picture } from '../picture.ts';
import { resample } from './resample.ts';
import { antialiasedTaps, type ResizeFilter, resizeFilters } from './taps.ts';

/** The size after a resize, and the filter. */
export interface ResizeOptions extends Size {
  readonly filter: ResizeFilter;
}

/** Options of {@link resizeAntialias}. */
export interface ResizeAntialiasOptions extends ResizeOptions {
  /**
   * The part of the picture that is resized; its borders may lie between pixels. Pixels outside are not used. Default:
   * all.
   */
  readonly box?: Box;
  /** The part of the result to compute, in whole pixels. Default: all. */
  readonly keep?: Box;
}

/**
 * Resizes a picture with antialiasing, first along the rows, then along the columns. For bytes the result equals
 * Pillow's `Image.resize` bit for bit. For floats it equals PyTorch's `interpolate` with `antialias`, without rounding.
 *
 * @throws ShapeError, DataError, OptionError
 * Source: the rules of Pillow's Resample.c, measured on versions 9.4 and 12.3.
 */
export function resizeAntialias(picture: Picture, options: ResizeAntialiasOptions): Picture {
  const where = 'resizeAntialias';
  checkPicture(where, picture);
  checkOptionNames(where, options, ['height', 'width', 'filter', 'box', 'keep']);
  checkResizeOptions(where, options);
  const { height, width, filter, box = wholeBox(picture), keep = wholeBox(options) } = options;
  checkSpan(where, 'options.box', ['left', 'right'], box, picture.width);
  checkSpan(where, 'options.box', ['top', 'bottom'], box, picture.height);
  checkSpan(where, 'options.keep', ['left', 'right'], keep, width);
  checkSpan(where, 'options.keep', ['top', 'bottom'], keep, height);
  const rows = {
    ...{ length: picture.height, from: box.top, to: box.bottom, size: height },
    ...{ first: keep.top, end: keep.bottom },
  };
  const columns = {
    ...{ length: picture.width, from: box.left, to: box.right, size: width },
    ...{ first: keep.left, end: keep.right },
  };
  return resample(picture, antialiasedTaps(rows, filter), antialiasedTaps(columns, filter));
}

/** Checks the size and the filter. @throws OptionError */
export function checkResizeOptions(where: string, { height, width, filter }: ResizeOptions): void {
  checkCount(where, 'options.height', height);
  checkCount(where, 'options.width', width);
  checkChoice(where, 'options.filter', filter, resizeFilters);
}

function checkSpan(where: string, argument: string, names: [keyof Box, keyof Box], box: Box, length: number): void {
  const [from, to] = names.map((name) => box[name]);
  const whole = argument !== 'options.keep' || (Number.isInteger(from) && Number.isInteger(to));
  // Fractional borders are sums, and may exceed the last pixel by rounding.
  if (whole && from >= 0 && from < to && to <= length * (1 + 1e-9)) return;
  throw new OptionError({
    where,
    argument,
    expected: `0 ≤ ${names[0]} < ${names[1]} ≤ ${length}${argument === 'options.keep' ? ', whole pixels' : ''}`,
    received: `${from} and ${to}`,
  });
}
