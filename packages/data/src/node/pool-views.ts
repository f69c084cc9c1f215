import type { PoolViewReader } from '@ltml/images/node';
import type { RandomStream } from '@ltml/tensor';
import type { InputParts } from '../labelled-inputs.ts';
import { type PoolFiles, requestOf } from './pool-inputs.ts';

/**
 * Contrastive views of files, read by the threads of a `PicturePool`. The result equals that of `contrastiveViews` bit
 * for bit.
 *
 * @param files paths relative to the reader's root; they are requested when a batch is read
 */
export function poolViews(reader: PoolViewReader, files: PoolFiles): InputParts {
  const { shape, views } = reader;
  const streamsOf = (streamOf: (view: number) => RandomStream): RandomStream[] =>
    Array.from({ length: views }, (_, view) => streamOf(view));
  return {
    length: files.length,
    shape,
    read: (indices, streams) =>
      reader.read(
        Array.from(indices, (index, row) => ({
          ...requestOf(files, index),
          ...(streams && { random: streamsOf((view) => streams(row, view)) }),
        })),
      ),
  };
}
