import type { RandomStream } from '@ltml/tensor';
import { type Box, type Size, wholeBox } from './box.ts';
import { checkCut } from './crop.ts';
import { checkPicture, type Picture, type Transform } from './picture.ts';
import { resample } from './resize/resample.ts';
import type { ResizeOptions } from './resize/resize-antialias.ts';
import { antialiasedTaps, type Taps } from './resize/taps.ts';

/** A part of a picture, in whole pixels, and its size after the resize. */
export interface Place {
  readonly box: Box;
  readonly resize: ResizeOptions;
  /** The part of the result to compute, in whole pixels; default all. */
  readonly keep?: Box;
}

/** Decides what is cropped and resized from the picture's size only, before the picture is decoded. */
export type Placement = (size: Size, random?: RandomStream) => Place;

/** A transform that crops and resizes as `place` decides. */
export function placed(place: Placement): Transform {
  return (picture, random) => cutAndResize(picture, place(picture, random));
}

/** Crops and resizes like torchvision's `resized_crop`, without copying the cropped part. @throws ShapeError */
export function cutAndResize(picture: Picture, { box, resize, keep = wholeBox(resize) }: Place): Picture {
  checkPicture('crop', picture);
  checkCut('crop', picture, box);
  const [height, width] = [box.bottom - box.top, box.right - box.left];
  const rows = { length: height, from: 0, to: height, size: resize.height, first: keep.top, end: keep.bottom };
  const columns = { length: width, from: 0, to: width, size: resize.width, first: keep.left, end: keep.right };
  return resample(
    picture,
    shifted(antialiasedTaps(rows, resize.filter), box.top),
    shifted(antialiasedTaps(columns, resize.filter), box.left),
  );
}

/** The part of a picture that {@link cutAndResize} looks at, or a little more. */
export function neededPart({ box, resize, keep }: Place): Box {
  if (!keep) return box;
  const [down, across] = [(box.bottom - box.top) / resize.height, (box.right - box.left) / resize.width];
  // No filter reaches more than two positions, of the smaller picture.
  const [rows, columns] = [down, across].map((scale) => 2 * Math.max(scale, 1) + 1);
  return {
    left: Math.max(box.left, Math.floor(box.left + keep.left * across - columns)),
    top: Math.max(box.top, Math.floor(box.top + keep.top * down - rows)),
    right: Math.min(box.right, Math.ceil(box.left + keep.right * across + columns)),
    bottom: Math.min(box.bottom, Math.ceil(box.top + keep.bottom * down + rows)),
  };
}

function shifted(taps: Taps, by: number): Taps {
  return by === 0 ? taps : { ...taps, starts: taps.starts.map((start) => start + by) };
}
