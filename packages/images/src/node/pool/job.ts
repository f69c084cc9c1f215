import { LtmlError, type RandomState, RandomStream } from '@ltml/tensor';
import type { PictureReaderOptions, ReadPicture } from '../picture-reader.ts';

/** A batch that threads fill together: each takes the next item that none has taken. */
export interface Job {
  readonly id: number;
  readonly options: PictureReaderOptions;
  /** Where the streams of the items begin; left out where nothing is random. */
  readonly states: readonly (RandomState | undefined)[];
  readonly paths: readonly string[];
  /** Height and width of each result. */
  readonly sides: readonly [height: number, width: number];
  /** [B, H, W, 3] floats */
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
  readonly #readerOf: (options: PictureReaderOptions) => ReadPicture;
  #lanes: readonly Promise<unknown>[] = Array.from({ length: lanes }, () => Promise.resolve());

  constructor(readerOf: (options: PictureReaderOptions) => ReadPicture) {
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

async function takeItems(job: Job, read: ReadPicture): Promise<Broken[]> {
  const next = new Int32Array(job.next);
  const values = new Float32Array(job.values);
  const length = job.sides[0] * job.sides[1] * 3;
  const broken: Broken[] = [];
  for (let row = Atomics.add(next, 0, 1); row < job.paths.length; row = Atomics.add(next, 0, 1)) {
    try {
      await fill(job, row, read, values.subarray(row * length, (row + 1) * length));
    } catch (error) {
      broken.push({ row, reason: reasonOf(error) });
    }
  }
  return broken;
}

async function fill({ paths, states, sides }: Job, row: number, read: ReadPicture, into: Float32Array): Promise<void> {
  const state = states[row];
  const { height, width, pixels } = await read(paths[row], state && new RandomStream(state), into);
  if (height !== sides[0] || width !== sides[1]) {
    throw new Error(`${height} × ${width} pixels after the pipeline, not ${sides[0]} × ${sides[1]}`);
  }
  if (pixels !== into) into.set(pixels);
}

function reasonOf(error: unknown): string {
  if (LtmlError.is(error) && error.where === 'decodeImage') return error.received;
  return error instanceof Error ? error.message : String(error);
}

/** Lets no item be taken any more. */
export function stopJob(job: Job): void {
  Atomics.store(new Int32Array(job.next), 0, 2 ** 30);
}
