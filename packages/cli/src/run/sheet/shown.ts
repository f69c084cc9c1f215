import type { Picture } from '@ltml/images';
import { type Markup, markup } from '@ltml/report';
import { pictureThumbnail } from '../../thumbnail.ts';

/** A picture of the split that is shown. */
export interface Shown {
  readonly index: number;
  readonly picture: Picture;
}

export async function images(pictures: readonly Picture[]): Promise<Markup[]> {
  const made: Markup[] = [];
  for (const one of pictures) made.push(markup`<img src="${await pictureThumbnail(one)}" alt="">`);
  return made;
}
