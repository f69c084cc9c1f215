import type { PictureRequest, PoolReader } from '@ltml/images/node';
import type { InputSource } from '../labelled-inputs.ts';
import type { PictureNames } from './picture-files.ts';

/** Files by number: where each lies, and how it is turned. */
export type PoolFiles = Pick<PictureNames, 'length' | 'path' | 'turn'>;

/**
 * Files as a network's inputs, [B, H, W, 3], read by the threads of a `PicturePool`: in training each image draws from its
 * own stream, as in `imageInputs`, and the bytes are the same.
 *
 * @param files paths from the root of the reader; asked for when they are read
 */
export function poolInputs(reader: PoolReader, files: PoolFiles): InputSource {
  return {
    length: files.length,
    shape: reader.shape,
    read: (indices, streams) =>
      reader.read(
        Array.from(indices, (index, row) => ({
          ...requestOf(files, index),
          ...(streams && { random: streams(row) }),
        })),
      ),
  };
}

/** What is asked of a reader for a file. */
export function requestOf(files: PoolFiles, index: number): Pick<PictureRequest, 'file' | 'turn'> {
  const turn = files.turn?.(index);
  return { file: files.path(index), ...(turn !== undefined && { turn }) };
}
