import { checkChoice, checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import { type Size, wholeBox } from '../box.ts';
import { crop } from '../crop.ts';
import { centerCropBox, shorterSideSize } from '../geometry.ts';
import type { Transform } from '../picture.ts';
import { type Placement, placed } from '../placement.ts';
import { checkResizeOptions } from '../resize/resize-antialias.ts';
import { resizeOpencv } from '../resize/resize-opencv.ts';
import type { ResizeFilter } from '../resize/taps.ts';

/** The size after a resize: either height and width, or the shorter side, which keeps the ratio. */
export interface ResizeStep {
  /** In pixels; needs `width` too. */
  readonly height?: number;
  /** In pixels; needs `height` too. */
  readonly width?: number;
  /** In pixels; the longer side follows from the ratio. */
  readonly shorterSide?: number;
  /** The filter; default bilinear. */
  readonly filter?: ResizeFilter;
  /**
   * Whose result is reproduced. `pillow` (default) is antialiased. `opencv` interpolates between the nearest pixels and
   * supports bilinear only.
   */
  readonly like?: 'pillow' | 'opencv';
}

/** Options of `centerCrop`. */
export interface CenterCropStep {
  /** Side of the central square, in pixels. */
  readonly size: number;
}

/**
 * Resizes a picture. If a centre crop follows, only the pixels that it keeps are computed, so very long pictures need
 * no extra memory.
 */
export function resizeStep(options: ResizeStep, middle?: CenterCropStep): Transform {
  const place = placeResize(options, middle);
  if (place) return placed(place);
  const sizeOf = resultSize(options);
  const cut = middle ? centerCrop(middle) : undefined;
  return (picture) => {
    const resized = resizeOpencv(picture, sizeOf(picture));
    return cut ? cut(resized) : resized;
  };
}

/** The placement of {@link resizeStep}; undefined for OpenCV's resize, which works differently. */
export function placeResize(options: ResizeStep, middle?: CenterCropStep): Placement | undefined {
  checkOptionNames('resize', options, ['height', 'width', 'shorterSide', 'filter', 'like']);
  const { filter = 'bilinear', like = 'pillow' } = options;
  const sizeOf = resultSize(options);
  checkResizeOptions('resize', { height: 1, width: 1, filter });
  checkChoice('resize', 'options.like', like, ['pillow', 'opencv']);
  const sides = middle && sidesOf(middle);
  if (like === 'opencv') {
    checkChoice('resize', 'options.filter', filter, ['bilinear']);
    return undefined;
  }
  return (picture) => {
    const size = sizeOf(picture);
    const resize = { ...size, filter };
    return { box: wholeBox(picture), resize, ...(sides && { keep: centerCropBox(size, sides) }) };
  };
}

/**
 * Crops the central square, as torchvision does.
 *
 * @throws OptionError; when called, ShapeError if the picture is smaller
 */
export function centerCrop(options: CenterCropStep): Transform {
  const sides = sidesOf(options);
  return (picture) => crop(picture, centerCropBox(picture, sides));
}

function sidesOf(options: CenterCropStep): Size {
  checkOptionNames('centerCrop', options, ['size']);
  checkCount('centerCrop', 'options.size', options.size);
  return { height: options.size, width: options.size };
}

function resultSize({ height, width, shorterSide }: ResizeStep): (picture: Size) => Size {
  if (shorterSide === undefined) {
    checkCount('resize', 'options.height', height);
    checkCount('resize', 'options.width', width);
    const size = { height: height as number, width: width as number };
    return () => size;
  }
  checkCount('resize', 'options.shorterSide', shorterSide);
  if (height === undefined && width === undefined) return (picture) => shorterSideSize(picture, shorterSide);
  throw new OptionError({
    where: 'resize',
    argument: 'options',
    expected: 'either shorterSide, or height and width',
    received: 'both',
  });
}
