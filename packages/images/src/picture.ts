import { DataError, type RandomStream, ShapeError } from '@ltml/tensor';

/** A picture: decoded, on its way to a network, or what the network is fed with. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /**
   * [H, W, 3] red, green and blue, row by row. Bytes are levels 0 … 255, and what is made of them is rounded to levels, as
   * by Pillow and OpenCV. Floats, on the same scale until they are normalised, are never rounded.
   */
  readonly pixels: Uint8Array | Float32Array;
}

/** A picture that is never rounded. */
export interface FloatPicture extends Picture {
  readonly pixels: Float32Array;
}

/** A picture of whole levels. */
export interface BytePicture extends Picture {
  readonly pixels: Uint8Array;
}

/**
 * One step from the stored picture to a network's input. It makes a new picture and leaves the old one alone.
 *
 * @param random where augmentation draws from; without it, in evaluation, a step that augments does nothing
 */
export type Transform = (picture: Picture, random?: RandomStream) => Picture;

/** Floats, not bytes; by name, so that arrays of another frame or context count as well. */
export function areFloats(pixels: Picture['pixels']): pixels is Float32Array {
  return kindOf(pixels) === 'Float32Array';
}

function kindOf(pixels: unknown): string {
  return Object.prototype.toString.call(pixels).slice('[object '.length, -1);
}

/** The picture with its pixels as floats; the same ones if they are floats already. */
export function toFloat(picture: Picture): FloatPicture {
  const { pixels } = picture;
  return areFloats(pixels) ? { ...picture, pixels } : { ...picture, pixels: new Float32Array(pixels) };
}

/** The picture with its pixels as levels, rounded and clipped; the same ones if they are bytes already. */
export function toBytes(picture: Picture): BytePicture {
  const { pixels } = picture;
  if (!areFloats(pixels)) return { ...picture, pixels };
  return { ...picture, pixels: Uint8Array.from(pixels, (value) => Math.min(Math.max(Math.round(value), 0), 255)) };
}

/** @throws ShapeError unless there are 3 values for each pixel, and at least one; DataError unless bytes or floats */
export function checkPicture(where: string, { height, width, pixels }: Picture): void {
  if (!['Uint8Array', 'Float32Array'].includes(kindOf(pixels))) {
    throw new DataError({
      where,
      argument: 'picture.pixels',
      expected: 'a Uint8Array of levels or a Float32Array',
      received: kindOf(pixels),
    });
  }
  const sides = [height, width];
  if (sides.every((side) => Number.isInteger(side) && side >= 1) && pixels.length === height * width * 3) return;
  throw new ShapeError({
    where,
    argument: 'picture',
    expected: `of ${height} × ${width} pixels, at least one, with 3 values each`,
    received: `${pixels.length} values`,
  });
}
