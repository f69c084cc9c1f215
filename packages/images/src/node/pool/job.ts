import { LtmlError, type RandomState, RandomStream } from '@ltml/tensor';
import type { QuarterTurn } from '../../quarter-turns.ts';
import type { ItemOptions, ReadItem } from './item-reader.ts';

/** A batch that several threads fill together: each takes the next item that no thread has taken. */
export interface Job {
  readonly id: number;
  readonly options: ItemOptions;
  /** The states of the random streams of each item, one for each view; left out if nothing is random. */
  readonly states: readonly (readonly RandomState[] | undefined)[];
  readonly paths: readonly string[];
  /** The angle of each stored picture; undefined if it is not known. */
  readonly turns: readonly (QuarterTurn | undefined)[];
  /** Number of values of an item. */
  readonly size: number;
  /** [B, size] float32 */
  readonly values: SharedArrayBuffer;
  /** One whole number: the index of the next item. */
  readonly next: SharedArrayBuffer;
}

/** An item that could not be read, and why. */
export interface Broken {
  readonly row: number;
  readonly reason: string;
}

/** Number of items that a thread works on at once: sharp decodes one while another is augmented. */
const lanes = 2;

/** Runs the jobs of a thread one after the other. */
export class JobRunner {
  readonly #readerOf: (options: ItemOptions) => ReadItem;
  #lanes: readonly Promise<unknown>[] = Array.from({ length: lanes }, () => Promise.resolve());

  constructor(readerOf: (options: ItemOptions) => ReadItem) {
    this.#readerOf = readerOf;
  }

  /** Works on the job until no item is left. @returns the items of this thread that could not be read */
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

/** Stops a job: no further item is taken. */
export function stopJob(job: Job): void {
  Atomics.store(new Int32Array(job.next), 0, 2 ** 30);
}
