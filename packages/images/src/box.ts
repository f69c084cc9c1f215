import { checkCount } from '@ltml/tensor';

/** A rectangle of a picture in pixels. `right` and `bottom` are the first column and row outside of it. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A box of the given size whose top left corner is at the given position. */
export function placeBox({ height, width }: Size, top: number, left: number): Box {
  return { left, top, right: left + width, bottom: top + height };
}

/** The box that covers a whole picture. */
export function wholeBox({ height, width }: Size): Box {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** Checks height and width: whole numbers from 1. @throws OptionError */
export function checkSize(where: string, { height, width }: Size, argument = 'size'): void {
  checkCount(where, `${argument}.height`, height);
  checkCount(where, `${argument}.width`, width);
}
