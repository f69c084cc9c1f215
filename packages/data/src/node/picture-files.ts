import { type DecodeMode, decodeImage } from '@ltml/images/node';
import type { Pictures } from '../pictures.ts';

/** Pictures in files, decoded when they are read, one at a time. */
export interface PictureFiles extends Pictures {
  /** Where picture i lies. */
  path(index: number): string;
  /** Its path below the root, as a table of it would list it. */
  file(index: number): string;
  readonly mode: DecodeMode;
}

/** A picture's file, and what its data set calls it. */
export interface PictureFile {
  readonly key: string;
  /** Below the root. */
  readonly file: string;
  readonly path: string;
}

/**
 * Pictures that are decoded from their files; what is found once may be gone when it is read.
 *
 * @param mode `as-pil` as the published protocols read pictures, or `upright` as people see them
 */
export function pictureFiles(files: readonly PictureFile[], mode: DecodeMode): PictureFiles {
  return {
    length: files.length,
    mode,
    key: (index) => files[index].key,
    path: (index) => files[index].path,
    file: (index) => files[index].file,
    read: (index) => decodeImage(files[index].path, { mode }),
    subset: (chosen) =>
      pictureFiles(
        Array.from(chosen, (index) => files[index]),
        mode,
      ),
  };
}

/** Whether pictures lie in files, so that workers may decode them. */
export function arePictureFiles(pictures: Pictures): pictures is PictureFiles {
  return 'path' in pictures && 'mode' in pictures;
}
