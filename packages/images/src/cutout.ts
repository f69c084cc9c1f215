import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { fillBox } from './fill-box.ts';
import type { Transform } from './picture.ts';

/** Options of {@link cutout}. */
export interface CutoutOptions {
  /** Side of the box as a share of the picture's side, in [0, 1]; default 0.5, as in the training of CPRFL. */
  readonly share?: number;
}

/**
 * Cutout: fills a box around a random pixel with one random colour. A box of side s covers 2·⌊s/2⌋ + 1 pixels, fewer at
 * the border of the picture.
 *
 * @throws OptionError
 * Source: DeVries and Taylor 2017; `CutoutPIL` in the authors' code of CPRFL, whose rectangle includes both ends.
 */
export function cutout(options: CutoutOptions = {}): Transform {
  checkOptionNames('cutout', options, ['share']);
  const { share = 0.5 } = options;
  checkNumber('cutout', 'options.share', share, { min: 0, max: 1 });
  return (picture, random) => {
    if (!random) return picture;
    const [y, x] = [random.integer(picture.height), random.integer(picture.width)];
    const colour = [random.integer(256), random.integer(256), random.integer(256)];
    const half = (side: number): number => Math.floor(Math.trunc(share * side + 0.5) / 2);
    const [up, aside] = [half(picture.height), half(picture.width)];
    return fillBox(picture, { top: y - up, left: x - aside, bottom: y + up + 1, right: x + aside + 1 }, colour);
  };
}
