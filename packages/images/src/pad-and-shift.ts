import { checkCount } from '@ltml/tensor';
import { gather } from './gather.ts';
import type { Transform } from './picture.ts';

/**
 * Moves the picture by up to `padding` pixels along each axis, uniformly; the border is repeated into the gap. It
 * equals padding all sides and cropping at random.
 *
 * @throws OptionError
 */
export function padAndShift(padding: number): Transform {
  checkCount('padAndShift', 'padding', padding, { min: 0 });
  return (picture, random) => {
    if (!random) return picture;
    const down = random.integer(2 * padding + 1) - padding;
    const right = random.integer(2 * padding + 1) - padding;
    return gather(picture, (y, x) => [clamp(y - down, picture.height - 1), clamp(x - right, picture.width - 1)]);
  };
}

function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last);
}
