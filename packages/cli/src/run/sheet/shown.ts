import type { Picture } from '@ltml/images';
import { type Markup, markup } from '@ltml/report';
import { pictureThumbnail } from '../../thumbnail.ts';

/** A picture of the split, and its index in it. */
export interface Shown {
  readonly index: number;
  readonly picture: Picture;
}

/** HTML images of pictures. */
export async function images(pictures: readonly Picture[]): Promise<Markup[]> {
  const made: Markup[] = [];
  for (const one of pictures) made.push(markup`<img src="${await pictureThumbnail(one)}" alt="">`);
  return made;
}
