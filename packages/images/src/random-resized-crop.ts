import { checkCount, checkOptionNames } from '@ltml/tensor';
import { wholeBox } from './box.ts';
import type { Transform } from './picture.ts';
import { type Placement, placed } from './placement.ts';
import { areaBox, type BoxRange, checkBoxRange } from './random-box.ts';
import { checkResizeOptions } from './resize/resize-antialias.ts';
import type { ResizeFilter } from './resize/taps.ts';

/** Options of {@link randomResizedCrop}. */
export interface RandomResizedCropOptions extends Partial<BoxRange> {
  /** Side of the result in pixels. */
  readonly size: number;
  /** The filter; default bilinear. */
  readonly filter?: ResizeFilter;
}

/**
 * Crops a random box ({@link areaBox}, default 8 % to 100 % of the area) and resizes it to a square. In evaluation it
 * resizes the whole picture.
 *
 * @throws OptionError
 */
export function randomResizedCrop(options: RandomResizedCropOptions): Transform {
  return placed(placeRandomResizedCrop(options));
}

/** The placement of {@link randomResizedCrop}: the box, and the size after the resize. */
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
