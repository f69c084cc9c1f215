import type { InputSource, ItemStreams } from '@ltml/data';
import { letEventsIn } from './let-events-in.ts';

/** Some images of a source, one after the other. */
export interface BatchAhead {
  /** The first of them. */
  readonly start: number;
  readonly count: number;
  /** [B, …shape] */
  readonly values: Float32Array;
}

/** What is read, and how. */
export interface BatchesAheadOptions {
  readonly batchSize: number;
  /** First items of the batches that are wanted, each a multiple of the batch size; default all. */
  readonly starts?: readonly number[];
  /** Where the items of the batch that begins at `start` draw from. */
  readonly streamsOf?: (start: number) => ItemStreams;
  readonly signal?: AbortSignal | undefined;
}

/** Images of a source in batches, all in order unless some are chosen; the next batch is read while one is in use. */
export async function* batchesAhead(
  inputs: InputSource,
  { batchSize, starts, streamsOf, signal }: BatchesAheadOptions,
): AsyncGenerator<BatchAhead> {
  const startOf = (batch: number): number | undefined => (starts ? starts[batch] : batch * batchSize);
  const read = (batch: number): Promise<BatchAhead> | undefined => {
    const start = startOf(batch);
    if (start === undefined || start >= inputs.length) return undefined;
    const indices = Int32Array.from({ length: Math.min(batchSize, inputs.length - start) }, (_, i) => start + i);
    const reading = inputs
      .read(indices, streamsOf?.(start))
      .then((values) => ({ start, count: indices.length, values }));
    // The loop may be left before this batch is asked for, and then nobody would handle its failure.
    reading.catch(() => {});
    return reading;
  };
  for (let batch = 0, ahead = read(0); ahead; ) {
    await letEventsIn();
    signal?.throwIfAborted();
    const current = await ahead;
    ahead = read(++batch);
    yield current;
  }
}
