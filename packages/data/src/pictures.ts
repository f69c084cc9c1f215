import type { BytePicture, Size } from '@ltml/images';

/** Decoded pictures, which may differ in size. */
export interface Pictures {
  /** Number of pictures. */
  readonly length: number;
  /** The common size, if all pictures have the same one. */
  readonly size?: Size;
  /** The name of a picture in errors, reports and tables, e.g. its path in the data set. */
  key(index: number): string;
  /** Reads a picture as RGB bytes. @throws DataError naming the picture if it cannot be read */
  read(index: number): Promise<BytePicture>;
  /** A subset that keeps further properties of the pictures, e.g. their files. */
  subset?(chosen: ArrayLike<number>): Pictures;
}

/** A subset of pictures: its picture i is picture `chosen[i]` of the whole. */
export function subsetOfPictures(pictures: Pictures, chosen: ArrayLike<number>): Pictures {
  if (pictures.subset) return pictures.subset(chosen);
  return {
    length: chosen.length,
    ...(pictures.size && { size: pictures.size }),
    key: (index) => pictures.key(chosen[index]),
    read: (index) => pictures.read(chosen[index]),
  };
}
