import { checkCount, checkOptionNames } from '@ltml/tensor';
import { cropAndResize } from './crop-and-resize.ts';
import type { Transform } from './picture.ts';
import { areaBox, type BoxRange, checkBoxRange } from './random-box.ts';

export interface RandomResizedCropOptions extends Partial<BoxRange> {
  /** Side of the result in pixels. */
  readonly size: number;
}

/** Cuts a random box out ({@link areaBox}, by default of 8 % to all of the area) and resizes it to a square; the whole picture in evaluation. */
export function randomResizedCrop(options: RandomResizedCropOptions): Transform {
  checkOptionNames('randomResizedCrop', options, ['size', 'scale', 'ratio']);
  const { size, scale = [0.08, 1], ratio } = options;
  const range: BoxRange = { scale, ...(ratio && { ratio }) };
  checkCount('randomResizedCrop', 'options.size', size);
  checkBoxRange('randomResizedCrop', 'options', range);
  return (picture, random) => {
    const whole = { left: 0, top: 0, right: picture.width, bottom: picture.height };
    const box = random ? areaBox(picture, range, random) : whole;
    return cropAndResize(picture, box, { height: size, width: size });
  };
}
