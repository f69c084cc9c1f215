import { checkCount, checkOptionNames } from '@ltml/tensor';
import { emptyLike } from './crop.ts';
import type { Transform } from './picture.ts';

/** Options of {@link padToMultiple}. */
export interface PadToMultipleOptions {
  /** Both sides become a multiple of this number of pixels. */
  readonly multiple: number;
}

/** Pads a picture with zeros at the bottom and at the right, to a multiple of `multiple`. @throws OptionError */
export function padToMultiple(options: PadToMultipleOptions): Transform {
  checkOptionNames('padToMultiple', options, ['multiple']);
  const { multiple } = options;
  checkCount('padToMultiple', 'options.multiple', multiple);
  return (picture) => {
    const [height, width] = [picture.height, picture.width].map((side) => Math.ceil(side / multiple) * multiple);
    if (height === picture.height && width === picture.width) return picture;
    const pixels = emptyLike(picture.pixels, height * width * 3);
    const line = picture.width * 3;
    for (let y = 0; y < picture.height; y++) {
      pixels.set(picture.pixels.subarray(y * line, (y + 1) * line), y * width * 3);
    }
    return { height, width, pixels };
  };
}
