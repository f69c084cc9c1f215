import { checkCount } from '@ltml/tensor';

/** A part of a picture in pixels; right and bottom are the first column and row outside of it. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels of an image or of a box. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A box of this size at this place. */
export function placeBox({ height, width }: Size, top: number, left: number): Box {
  return { left, top, right: left + width, bottom: top + height };
}

/** The whole of a picture. */
export function wholeBox({ height, width }: Size): Box {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** @throws OptionError */
export function checkSize(where: string, { height, width }: Size, argument = 'size'): void {
  checkCount(where, `${argument}.height`, height);
  checkCount(where, `${argument}.width`, width);
}
