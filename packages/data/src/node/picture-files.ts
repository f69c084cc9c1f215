import { type DecodeMode, decodeImage, type QuarterTurn } from '@ltml/images/node';
import type { Pictures } from '../pictures.ts';

/** Picture files by index. */
export interface PictureNames {
  /** Number of files. */
  readonly length: number;
  /** The name of picture i in its data set. */
  key(index: number): string;
  /** The path of picture i below the root, as in a table of the data set. */
  file(index: number): string;
  /** The full path of picture i. */
  path(index: number): string;
  /**
   * Degrees counterclockwise by which the stored picture must be rotated. Left out, or undefined for a picture: EXIF
   * decides.
   */
  turn?(index: number): QuarterTurn | undefined;
}

/** Picture files that are decoded when they are read, one at a time. */
export interface PictureFiles extends Pictures, PictureNames {
  readonly mode: DecodeMode;
}

/** A picture file and its name in the data set. */
export interface PictureFile {
  readonly key: string;
  /** Path below the root. */
  readonly file: string;
  readonly path: string;
}

/** Makes picture names from a list of files. */
export function namesOf(files: readonly PictureFile[]): PictureNames {
  return {
    length: files.length,
    key: (index) => files[index].key,
    file: (index) => files[index].file,
    path: (index) => files[index].path,
  };
}

/**
 * Pictures that are decoded from their files when they are read. A file may disappear after it was found.
 *
 * @param mode `as-pil` as the published protocols read pictures, or `upright` as people see them
 */
export function pictureFiles({ turn, ...names }: PictureNames, mode: DecodeMode): PictureFiles {
  const turnOf = mode === 'upright' && turn ? { turn } : undefined;
  return {
    ...names,
    ...turnOf,
    mode,
    read(index) {
      const known = turnOf?.turn(index);
      return decodeImage(names.path(index), { mode, ...(known !== undefined && { turn: known }) });
    },
    subset(chosen) {
      const indices = Int32Array.from(chosen);
      const part: PictureNames = {
        length: indices.length,
        key: (index) => names.key(indices[index]),
        file: (index) => names.file(indices[index]),
        path: (index) => names.path(indices[index]),
        ...(turn && { turn: (index) => turn(indices[index]) }),
      };
      return pictureFiles(part, mode);
    },
  };
}

/** Whether the pictures are files, so that worker threads can decode them. */
export function arePictureFiles(pictures: Pictures): pictures is PictureFiles {
  return 'path' in pictures && 'mode' in pictures;
}
