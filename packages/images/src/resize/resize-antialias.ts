import { checkOptionNames, OptionError } from '@ltml/tensor';
import { checkRgbImage, type RgbImage } from '../rgb-image.ts';
import { antialiasedTaps, type ResizeFilter, type Taps } from './resampling.ts';

export interface ResizeImageOptions {
  readonly height: number;
  readonly width: number;
  readonly filter: ResizeFilter;
}

/**
 * Resizes a picture as Pillow's `Image.resize` does, bit for bit: antialiased, in whole numbers, first along the rows, then
 * along the columns, each result of 8 bits. An axis that keeps its size is passed over.
 *
 * @throws ShapeError, OptionError
 * Source: the rule of Pillow's Resample.c as measured (versions 9.4 and 12.3).
 */
export function resizeAntialias(image: RgbImage, options: ResizeImageOptions): RgbImage {
  checkRgbImage('resizeAntialias', image);
  const { height, width, filter } = checkResizeOptions('resizeAntialias', options);
  let { pixels } = image;
  if (width !== image.width) {
    pixels = blend(pixels, [image.height, image.width, 3], antialiasedTaps(image.width, width, filter));
  }
  if (height !== image.height) {
    pixels = blend(pixels, [1, image.height, width * 3], antialiasedTaps(image.height, height, filter));
  }
  return { height, width, pixels };
}

/** Bits after the point of Pillow's weights. */
const precision = 22;

/** Resizes the middle axis of [outer, length, inner]. */
function blend(levels: Uint8Array, [outer, length, inner]: [number, number, number], taps: Taps): Uint8Array {
  const { count, places } = taps;
  const weights = Int32Array.from(taps.weights, toFixedPoint);
  const newLength = places.length / count;
  const blended = new Uint8Array(outer * newLength * inner);
  for (let row = 0; row < outer; row++) {
    for (let i = 0; i < newLength; i++) {
      for (let at = 0; at < inner; at++) {
        let sum = 1 << (precision - 1);
        for (let k = i * count; k < (i + 1) * count; k++) {
          sum += weights[k] * levels[(row * length + places[k]) * inner + at];
        }
        blended[(row * newLength + i) * inner + at] = Math.min(Math.max(sum >> precision, 0), 255);
      }
    }
  }
  return blended;
}

/** To the nearest, halves away from zero. */
function toFixedPoint(weight: number): number {
  return Math.trunc(weight * 2 ** precision + (weight < 0 ? -0.5 : 0.5));
}

/** @param more names of further options @throws OptionError */
export function checkResizeOptions<T extends ResizeImageOptions>(where: string, options: T, ...more: string[]): T {
  checkOptionNames(where, options, ['height', 'width', 'filter', ...more]);
  for (const side of ['height', 'width'] as const) {
    if (Number.isInteger(options[side]) && options[side] >= 1) continue;
    throw new OptionError({
      where,
      argument: `options.${side}`,
      expected: 'a whole number from 1',
      received: `${options[side]}`,
    });
  }
  if (options.filter === 'bilinear' || options.filter === 'bicubic') return options;
  throw new OptionError({
    where,
    argument: 'options.filter',
    expected: 'bilinear or bicubic',
    received: `${options.filter}`,
  });
}
