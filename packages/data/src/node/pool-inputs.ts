import type { PictureRequest, PoolReader } from '@ltml/images/node';
import type { InputSource } from '../labelled-inputs.ts';
import type { PictureNames } from './picture-files.ts';

/** Files by index: their paths and rotation angles. */
export type PoolFiles = Pick<PictureNames, 'length' | 'path' | 'turn'>;

/**
 * Network inputs [B, H, W, 3] from files, read by the threads of a `PicturePool`. In training each image has its own
 * random stream; the result equals that of `imageInputs` bit for bit.
 *
 * @param files paths relative to the reader's root; they are requested when a batch is read
 */
export function poolInputs(reader: PoolReader, files: PoolFiles): InputSource {
  return {
    length: files.length,
    shape: reader.shape,
    read: (indices, streams, into) =>
      reader.read(
        Array.from(indices, (index, row) => ({
          ...requestOf(files, index),
          ...(streams && { random: streams(row) }),
        })),
        into,
      ),
  };
}

/** The request to a reader for one file. */
export function requestOf(files: PoolFiles, index: number): Pick<PictureRequest, 'file' | 'turn'> {
  const turn = files.turn?.(index);
  return { file: files.path(index), ...(turn !== undefined && { turn }) };
}
