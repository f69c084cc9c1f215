import { checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import { placeBox } from './box.ts';
import { crop } from './crop.ts';
import type { Transform } from './picture.ts';

/** Options of {@link randomSquareCrop}. */
export interface RandomSquareCropOptions {
  /** Possible sides in pixels; one is drawn. A side that does not fit is replaced by the picture's shorter side. */
  readonly sides: readonly number[];
}

/**
 * Crops a square at a random position; its side is drawn from a list. The result's size varies, so a resize should
 * follow.
 *
 * @throws OptionError
 *
 * Source: SARB's released code.
 */
export function randomSquareCrop(options: RandomSquareCropOptions): Transform {
  checkOptionNames('randomSquareCrop', options, ['sides']);
  const { sides } = options;
  if (!Array.isArray(sides) || sides.length === 0) {
    throw new OptionError({
      where: 'randomSquareCrop',
      argument: 'options.sides',
      expected: 'a list of at least one side',
      received: JSON.stringify(sides) ?? String(sides),
    });
  }
  for (const [i, side] of sides.entries()) checkCount('randomSquareCrop', `options.sides[${i}]`, side);
  return (picture, random) => {
    if (!random) return picture;
    const { height, width } = picture;
    const side = Math.min(sides[random.integer(sides.length)], height, width);
    const top = random.integer(height - side + 1);
    return crop(picture, placeBox({ height: side, width: side }, top, random.integer(width - side + 1)));
  };
}
