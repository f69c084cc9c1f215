import { type DecodeMode, decodeImage, type QuarterTurn } from '@ltml/images/node';
import type { Pictures } from '../pictures.ts';

/** Files of pictures, by number. */
export interface PictureNames {
  readonly length: number;
  /** What its data set calls picture i. */
  key(index: number): string;
  /** Its path below the root, as a table of it would list it. */
  file(index: number): string;
  /** Where it lies. */
  path(index: number): string;
  /** Degrees counterclockwise by which the stored picture is turned; left out, or undefined for a picture, where EXIF decides. */
  turn?(index: number): QuarterTurn | undefined;
}

/** Pictures in files, decoded when they are read, one at a time. */
export interface PictureFiles extends Pictures, PictureNames {
  readonly mode: DecodeMode;
}

/** A picture's file, and what its data set calls it. */
export interface PictureFile {
  readonly key: string;
  /** Below the root. */
  readonly file: string;
  readonly path: string;
}

/** Files from a list of them. */
export function namesOf(files: readonly PictureFile[]): PictureNames {
  return {
    length: files.length,
    key: (index) => files[index].key,
    file: (index) => files[index].file,
    path: (index) => files[index].path,
  };
}

/**
 * Pictures that are decoded from their files; what is found once may be gone when it is read.
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

/** Whether pictures lie in files, so that workers may decode them. */
export function arePictureFiles(pictures: Pictures): pictures is PictureFiles {
  return 'path' in pictures && 'mode' in pictures;
}
