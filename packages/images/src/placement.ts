import type { RandomStream } from '@ltml/tensor';
import { type Box, type Size, wholeBox } from './box.ts';
import { crop } from './crop.ts';
import type { Picture, Transform } from './picture.ts';
import { type ResizeOptions, resizeAntialias } from './resize/resize-antialias.ts';

/** A part of a picture, in whole pixels, and what it is resized to. */
export interface Place {
  readonly box: Box;
  readonly resize: ResizeOptions;
  /** The part of the result that is wanted, in whole pixels; default all. */
  readonly keep?: Box;
}

/** What is cut out of a picture and resized, said by the picture's size alone: before it is decoded. */
export type Placement = (size: Size, random?: RandomStream) => Place;

/** Cuts and resizes what `place` says. */
export function placed(place: Placement): Transform {
  return (picture, random) => cutAndResize(picture, place(picture, random));
}

/** As torchvision's `resized_crop` does. */
export function cutAndResize(picture: Picture, { box, resize, keep }: Place): Picture {
  return resizeAntialias(isWhole(box, picture) ? picture : crop(picture, box), { ...resize, ...(keep && { keep }) });
}

function isWhole(box: Box, picture: Picture): boolean {
  const whole = wholeBox(picture);
  return box.right - box.left === whole.right && box.bottom - box.top === whole.bottom;
}
