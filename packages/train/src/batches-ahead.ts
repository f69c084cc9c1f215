import type { InputSource, ItemStreams } from '@ltml/data';
import { letEventsIn } from './let-events-in.ts';

/** Consecutive images of a source. */
export interface BatchAhead {
  /** Index of the first image. */
  readonly start: number;
  readonly count: number;
  /** [B, …shape] */
  readonly values: Float32Array;
}

/** Options of {@link batchesAhead}. */
export interface BatchesAheadOptions {
  readonly batchSize: number;
  /** First images of the wanted batches, each a multiple of the batch size; default: all batches. */
  readonly starts?: readonly number[];
  /** Random streams of the images in the batch that begins at `start`. */
  readonly streamsOf?: (start: number) => ItemStreams;
  /** Stops between two batches; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads images in batches, in order. The next batch is read while the current one is used. */
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
    // If the loop ends before this batch is needed, nobody handles its error: it should not count as unhandled.
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
