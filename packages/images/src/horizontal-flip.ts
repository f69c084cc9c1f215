import { gather } from './gather.ts';
import type { Picture, Transform } from './picture.ts';

/** Mirrors left and right in every second picture. */
export function horizontalFlip(): Transform {
  return (picture, random) => (random && random.uniform() < 0.5 ? mirror(picture) : picture);
}

/** Left becomes right. */
export function mirror(picture: Picture): Picture {
  return gather(picture, (y, x) => [y, picture.width - 1 - x]);
}
