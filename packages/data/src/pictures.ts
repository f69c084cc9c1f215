import type { BytePicture, Size } from '@ltml/images';

/** Decoded pictures, each of its own size. */
export interface Pictures {
  readonly length: number;
  /** Where all of them have one size: that size. */
  readonly size?: Size;
  /** What a picture is called in errors, reports and tables, e.g. its path as the data set lists it. */
  key(index: number): string;
  /** A picture as bytes, RGB. @throws DataError that names the picture if it can't be read */
  read(index: number): Promise<BytePicture>;
  /** Some of the pictures, where they are more than their pixels, e.g. files. */
  subset?(chosen: ArrayLike<number>): Pictures;
}

/** Some of the pictures: picture i is `chosen[i]` of the whole. */
export function subsetOfPictures(pictures: Pictures, chosen: ArrayLike<number>): Pictures {
  if (pictures.subset) return pictures.subset(chosen);
  return {
    length: chosen.length,
    ...(pictures.size && { size: pictures.size }),
    key: (index) => pictures.key(chosen[index]),
    read: (index) => pictures.read(chosen[index]),
  };
}
