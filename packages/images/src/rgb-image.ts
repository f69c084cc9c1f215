import { ShapeError } from '@ltml/tensor';

/** A decoded picture: red, green and blue of 8 bits, row by row. */
export interface RgbImage {
  readonly height: number;
  readonly width: number;
  /** [H, W, 3] 0 … 255 */
  readonly pixels: Uint8Array;
}

/** A part of a picture; whole pixels, counted from the upper left corner. */
export interface CropBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Cuts out a part. @throws ShapeError if the box is empty or reaches over the picture's border */
export function cropImage(image: RgbImage, box: CropBox): RgbImage {
  checkRgbImage('cropImage', image);
  const { top, left, height, width } = box;
  const fits =
    [top, left, height, width].every(Number.isInteger) &&
    Math.min(top, left) >= 0 &&
    Math.min(height, width) >= 1 &&
    top + height <= image.height &&
    left + width <= image.width;
  if (!fits) {
    throw new ShapeError({
      where: 'cropImage',
      argument: 'box',
      expected: `inside the picture of ${image.height} × ${image.width}`,
      received: `${height} × ${width} at row ${top}, column ${left}`,
    });
  }
  const pixels = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * 3;
    pixels.set(image.pixels.subarray(from, from + width * 3), row * width * 3);
  }
  return { height, width, pixels };
}

/** @throws ShapeError unless the picture has as many levels as its sides say, and at least one pixel */
export function checkRgbImage(where: string, { height, width, pixels }: RgbImage): void {
  const sides = [height, width];
  if (sides.every((side) => Number.isInteger(side) && side >= 1) && pixels.length === height * width * 3) return;
  throw new ShapeError({
    where,
    argument: 'image',
    expected: `of ${height} × ${width} pixels, at least one, with 3 levels each`,
    received: `${pixels.length} levels`,
  });
}
