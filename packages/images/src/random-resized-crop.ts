import { checkCount, checkOptionNames } from '@ltml/tensor';
import { wholeBox } from './box.ts';
import type { Transform } from './picture.ts';
import { type Placement, placed } from './placement.ts';
import { areaBox, type BoxRange, checkBoxRange } from './random-box.ts';
import { checkResizeOptions } from './resize/resize-antialias.ts';
import type { ResizeFilter } from './resize/taps.ts';

export interface RandomResizedCropOptions extends Partial<BoxRange> {
  /** Side of the result in pixels. */
  readonly size: number;
  /** Default bilinear. */
  readonly filter?: ResizeFilter;
}

/** Cuts a random box out ({@link areaBox}, by default of 8 % to all of the area) and resizes it to a square; the whole picture in evaluation. */
export function randomResizedCrop(options: RandomResizedCropOptions): Transform {
  return placed(placeRandomResizedCrop(options));
}

/** Where {@link randomResizedCrop} cuts, and to which size it resizes. */
export function placeRandomResizedCrop(options: RandomResizedCropOptions): Placement {
  checkOptionNames('randomResizedCrop', options, ['size', 'scale', 'ratio', 'filter']);
  const { size, scale = [0.08, 1], ratio, filter = 'bilinear' } = options;
  const range: BoxRange = { scale, ...(ratio && { ratio }) };
  checkCount('randomResizedCrop', 'options.size', size);
  checkResizeOptions('randomResizedCrop', { height: size, width: size, filter });
  checkBoxRange('randomResizedCrop', 'options', range);
  return (picture, random) => ({
    box: random ? areaBox(picture, range, random) : wholeBox(picture),
    resize: { height: size, width: size, filter },
  });
}
