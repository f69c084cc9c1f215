import { ShapeError } from '@ltml/tensor';
import type { Box, Size } from './box.ts';
import { areFloats, checkPicture, type Picture } from './picture.ts';

/** Copies a part of a picture. @throws ShapeError unless the box has whole pixels and lies inside the picture */
export function crop(picture: Picture, box: Box): Picture {
  checkPicture('crop', picture);
  checkCut('crop', picture, box);
  const { left, top, right, bottom } = box;
  const [height, width] = [bottom - top, right - left];
  const pixels = emptyLike(picture.pixels, height * width * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + width * 3), row * width * 3);
  }
  return { height, width, pixels };
}

/** Checks a box. @throws ShapeError unless it has whole pixels, at least one, and lies inside the picture */
export function checkCut(where: string, picture: Size, { left, top, right, bottom }: Box): void {
  const fits =
    [left, top, right, bottom].every(Number.isInteger) &&
    Math.min(left, top) >= 0 &&
    left < right &&
    top < bottom &&
    right <= picture.width &&
    bottom <= picture.height;
  if (fits) return;
  throw new ShapeError({
    where,
    argument: 'box',
    expected: `whole pixels inside the picture of ${picture.height} × ${picture.width}`,
    received: `rows ${top} to ${bottom}, columns ${left} to ${right}`,
  });
}

/** Zeros of the same type: bytes for bytes, floats for floats. */
export function emptyLike(pixels: Picture['pixels'], length: number): Picture['pixels'] {
  return areFloats(pixels) ? new Float32Array(length) : new Uint8Array(length);
}
