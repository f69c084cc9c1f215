import type { PoolReader } from '@ltml/images/node';
import type { InputSource } from '../labelled-inputs.ts';

/**
 * Files as a network's inputs, [B, H, W, 3], read by the threads of a `PicturePool`: in training each image draws from its
 * own stream, as in `imageInputs`, and the bytes are the same.
 *
 * @param files paths from the root of the reader
 */
export function poolInputs(reader: PoolReader, files: readonly string[]): InputSource {
  return {
    length: files.length,
    shape: reader.shape,
    read: (indices, streams) =>
      reader.read(
        Array.from(indices, (index, row) => ({ file: files[index], ...(streams && { random: streams(row) }) })),
      ),
  };
}
