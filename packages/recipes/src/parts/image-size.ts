import type { Size } from '@ltml/images';
import * as z from 'zod';

const pixels = z.int().positive().max(4096);

/** Side of a square, or height and width, in pixels. */
export type ImageSize = number | readonly [height: number, width: number];

export const imageSizeSchema: z.ZodType<ImageSize> = z.union(
  [pixels, z.tuple([pixels, pixels])],
  'should be pixels, or [height, width]',
);

/** Height and width of an image size. */
export function sizeOf(size: ImageSize): Size {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return { height, width };
}
