import { LtmlError, type RandomState, RandomStream } from '@ltml/tensor';
import type { QuarterTurn } from '../../quarter-turns.ts';
import type { ItemOptions, ReadItem } from './item-reader.ts';

/** A batch that threads fill together: each takes the next item that none has taken. */
export interface Job {
  readonly id: number;
  readonly options: ItemOptions;
  /** Where the streams of each item begin, one for each of its views; left out where nothing is random. */
  readonly states: readonly (readonly RandomState[] | undefined)[];
  readonly paths: readonly string[];
  /** How each stored picture is turned, where it is known. */
  readonly turns: readonly (QuarterTurn | undefined)[];
  /** Numbers of an item. */
  readonly size: number;
  /** [B, size] floats */
  readonly values: SharedArrayBuffer;
  /** One whole number: the next item. */
  readonly next: SharedArrayBuffer;
}

/** An item that could not be read. */
export interface Broken {
  readonly row: number;
  readonly reason: string;
}

/** Items that a thread works on at a time: one is decoded, by sharp, while another is augmented. */
const lanes = 2;

/** Does the jobs that a thread is given, one after the other. */
export class JobRunner {
  readonly #readerOf: (options: ItemOptions) => ReadItem;
  #lanes: readonly Promise<unknown>[] = Array.from({ length: lanes }, () => Promise.resolve());

  constructor(readerOf: (options: ItemOptions) => ReadItem) {
    this.#readerOf = readerOf;
  }

  /** Settles when no item is left, with those of this thread that could not be read. */
  async run(job: Job): Promise<Broken[]> {
    const read = this.#readerOf(job.options);
    const parts = this.#lanes.map((lane) => lane.then(() => takeItems(job, read)));
    this.#lanes = parts;
    return (await Promise.all(parts)).flat();
  }
}

async function takeItems({ next: shared, values, paths, turns, states, size }: Job, read: ReadItem): Promise<Broken[]> {
  const next = new Int32Array(shared);
  const all = new Float32Array(values);
  const broken: Broken[] = [];
  for (let row = Atomics.add(next, 0, 1); row < paths.length; row = Atomics.add(next, 0, 1)) {
    try {
      const streams = states[row]?.map((state) => new RandomStream(state));
      await read(paths[row], streams, all.subarray(row * size, (row + 1) * size), turns[row]);
    } catch (error) {
      broken.push({ row, reason: reasonOf(error) });
    }
  }
  return broken;
}

function reasonOf(error: unknown): string {
  if (LtmlError.is(error) && error.where === 'decodeImage') return error.received;
  return error instanceof Error ? error.message : String(error);
}

/** Lets no item be taken any more. */
export function stopJob(job: Job): void {
  Atomics.store(new Int32Array(job.next), 0, 2 ** 30);
}
