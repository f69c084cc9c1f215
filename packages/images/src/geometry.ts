import { checkCount, ShapeError } from '@ltml/tensor';
import { type Box, checkSize, placeBox, type Size } from './box.ts';
import { roundHalfToEven } from './round-half-to-even.ts';

/**
 * The size of a picture whose shorter side is made `side` long; the longer one is rounded down, as torchvision does.
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
 * The middle part of a picture, as torchvision's `CenterCrop` cuts it: the odd pixel is left over at either side in turn,
 * since half a pixel is rounded to even.
 *
 * @throws ShapeError if the picture is smaller, where torchvision would pad it; OptionError
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
