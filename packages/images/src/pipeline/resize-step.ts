import { checkChoice, checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import { type Size, wholeBox } from '../box.ts';
import { crop } from '../crop.ts';
import { centerCropBox, shorterSideSize } from '../geometry.ts';
import type { Transform } from '../picture.ts';
import { type Placement, placed } from '../placement.ts';
import { checkResizeOptions } from '../resize/resize-antialias.ts';
import { resizeOpencv } from '../resize/resize-opencv.ts';
import type { ResizeFilter } from '../resize/taps.ts';

/** To two sides whatever the ratio was, or to a shorter side, the ratio kept. */
export interface ResizeStep {
  readonly height?: number;
  readonly width?: number;
  readonly shorterSide?: number;
  /** Default bilinear. */
  readonly filter?: ResizeFilter;
  /** Whose numbers: antialiased as by Pillow (default), or by OpenCV, between the nearest pixels and bilinear only. */
  readonly like?: 'pillow' | 'opencv';
}

/** Options of the step `centerCrop`. */
export interface CenterCropStep {
  /** Side of the square that is cut from the middle. */
  readonly size: number;
}

/** Resizes; with a crop after it, only what the crop keeps is computed: a long picture that grows may be of any size. */
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

/** What {@link resizeStep} resizes to; undefined for OpenCV's resize, which is another. */
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

/** Cuts a square from the middle, as torchvision does. @throws ShapeError, when called, if the picture is smaller */
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
    expected: 'shorterSide alone, or height and width',
    received: 'both',
  });
}
