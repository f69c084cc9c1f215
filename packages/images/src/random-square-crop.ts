import { checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import { placeBox } from './box.ts';
import { crop } from './crop.ts';
import type { Transform } from './picture.ts';

export interface RandomSquareCropOptions {
  /** Sides in pixels, of which one is drawn; those that do not fit count as the shorter side of the picture. */
  readonly sides: readonly number[];
}

/** Cuts a square out whose side is drawn from a list, at a random place. Resize after it. Source: SARB's released code. */
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
