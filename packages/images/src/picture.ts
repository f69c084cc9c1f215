import { DataError, type RandomStream, ShapeError } from '@ltml/tensor';

/** A picture: decoded, or at any step on the way to a network's input. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /**
   * [H, W, 3] red, green and blue, row by row. Bytes are levels 0 … 255; steps round their results to levels, as Pillow
   * and OpenCV do. Floats have the same scale until they are normalised, and are never rounded.
   */
  readonly pixels: Uint8Array | Float32Array;
}

/** A picture with float values, which are never rounded. */
export interface FloatPicture extends Picture {
  readonly pixels: Float32Array;
}

/** A picture with whole levels. */
export interface BytePicture extends Picture {
  readonly pixels: Uint8Array;
}

/**
 * One step on the way to a network's input. It returns a new picture and does not change the given one.
 *
 * @param random stream for augmentation; without it, in evaluation, a random step does nothing
 */
export type Transform = (picture: Picture, random?: RandomStream) => Picture;

/**
 * Whether pixels are floats rather than bytes. It checks the type's name, so that arrays of another frame count too.
 */
export function areFloats(pixels: Picture['pixels']): pixels is Float32Array {
  return kindOf(pixels) === 'Float32Array';
}

function kindOf(pixels: unknown): string {
  return Object.prototype.toString.call(pixels).slice('[object '.length, -1);
}

/** The picture with float pixels; the same pixels if they are floats already. */
export function toFloat(picture: Picture): FloatPicture {
  const { pixels } = picture;
  return areFloats(pixels) ? { ...picture, pixels } : { ...picture, pixels: new Float32Array(pixels) };
}

/** The picture with levels as pixels, rounded and clipped; the same pixels if they are bytes already. */
export function toBytes(picture: Picture): BytePicture {
  const { pixels } = picture;
  if (!areFloats(pixels)) return { ...picture, pixels };
  return { ...picture, pixels: Uint8Array.from(pixels, (value) => Math.min(Math.max(Math.round(value), 0), 255)) };
}

/**
 * Checks a picture.
 *
 * @throws ShapeError unless it has at least one pixel and 3 values per pixel; DataError unless the values are bytes or
 *   floats
 */
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
