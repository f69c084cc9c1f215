import { type InputSource, type Rows, shareOf } from '@ltml/data';
import type { Communicator } from '@ltml/tensor/contract';

/** Thrown on a rank when another rank was told to stop. */
export class StoppedByRank extends Error {
  constructor() {
    super('another rank was told to stop');
  }
}

/** A source with only some rows of another source. */
export function someRows(inputs: InputSource, { start, end }: Rows): InputSource {
  return {
    length: end - start,
    shape: inputs.shape,
    read: (indices, streams) =>
      inputs.read(
        Int32Array.from(indices, (row) => start + row),
        streams,
      ),
  };
}

/**
 * Gathers the scores [rows, C] of all images from the shares of all ranks.
 *
 * @param own scores of this rank's share; undefined if the rank was told to stop
 * @throws StoppedByRank on every rank if one was told to stop
 */
export async function gatherScores(
  communicator: Communicator,
  rows: number,
  own: { readonly columns: number; readonly values: Float32Array } | undefined,
): Promise<{ readonly columns: number; readonly values: Float32Array }> {
  // Rank 0 knows the number of classes: if there are images, it has at least one.
  const said = Float32Array.of(Number(own === undefined), communicator.rank === 0 ? (own?.columns ?? 0) : 0);
  communicator.allReduce(said);
  const [stopped, columns] = said;
  if (stopped > 0 || !own) throw new StoppedByRank();
  const lengths = Array.from({ length: communicator.size }, (_, rank) => {
    const { start, end } = shareOf(rows, { rank, size: communicator.size });
    return (end - start) * columns;
  });
  return { columns, values: communicator.allGather(own.values, lengths) };
}
