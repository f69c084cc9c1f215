import { checkCount, ShapeError } from '@ltml/tensor';
import { type Box, checkSize, placeBox, type Size } from './box.ts';
import { roundHalfToEven } from './round-half-to-even.ts';

/**
 * The size after the shorter side becomes `side` pixels and the ratio is kept. The longer side is rounded down, as in
 * torchvision.
 *
 * @throws OptionError
 */
export function shorterSideSize(size: Size, side: number): Size {
  checkSize('shorterSideSize', size);
  checkCount('shorterSideSize', 'side', side);
  const { height, width } = size;
  return height <= width
    ? { height: side, width: Math.trunc((side * width) / height) }
    : { height: Math.trunc((side * height) / width), width: side };
}

/**
 * The central part of a picture, as torchvision's `CenterCrop` cuts it. An odd pixel is left over on either side in
 * turn, because half a pixel is rounded to even.
 *
 * @throws ShapeError if the picture is smaller (torchvision would pad it); OptionError
 */
export function centerCropBox(size: Size, crop: Size): Box {
  checkSize('centerCropBox', size);
  checkSize('centerCropBox', crop, 'crop');
  if (crop.height > size.height || crop.width > size.width) {
    throw new ShapeError({
      where: 'centerCropBox',
      argument: 'crop',
      expected: `at most ${size.height} × ${size.width}`,
      received: `${crop.height} × ${crop.width}`,
    });
  }
  const top = roundHalfToEven((size.height - crop.height) / 2);
  return placeBox(crop, top, roundHalfToEven((size.width - crop.width) / 2));
}
