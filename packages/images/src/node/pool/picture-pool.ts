import { availableParallelism } from 'node:os';
import { isAbsolute, relative, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { checkChoice, checkCount, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import { drawViews, splitViews } from '../../draw-views.ts';
import { outputSize } from '../../pipeline/output-size.ts';
import { decodeModes } from '../decode-image.ts';
import { pictureReader } from '../picture-reader.ts';
import { type ItemOptions, itemReader } from './item-reader.ts';
import { type Broken, type Job, JobRunner, stopJob } from './job.ts';
import type { PoolReader, PoolReaderOptions, PoolViewReader, PoolViewReaderOptions, ViewsRequest } from './readers.ts';
import { Slots } from './slots.ts';

/** Options of {@link PicturePool}. */
export interface PicturePoolOptions {
  /**
   * Number of threads that read pictures; default the number of CPU cores minus one, at least one. With 0 the calling
   * thread reads them between its other work.
   */
  readonly workers?: number;
  /** Stops all reading; its reason becomes the error. */
  readonly signal?: AbortSignal;
}

/** Number of batches in shared memory at once; further ones wait. */
const mostBatches = 3;

/** A batch that is being read. */
interface Pending {
  readonly job: Job;
  readonly broken: Broken[];
  /** Number of threads that still work on it. */
  left: number;
  settle(error?: unknown): void;
}

/** How one kind of batch is read. */
interface Reading<Batch> {
  readonly options: ItemOptions;
  /** Number of values of an item. */
  readonly size: number;
  readonly root: string | undefined;
  /** Copies the values out of shared memory, because tensors may keep the array that they are made from. */
  take(values: Float32Array): Batch;
}

/**
 * Threads that decode and augment picture files into shared memory. The results depend neither on the number of threads
 * nor on which thread reads which picture, because each item brings its own random streams.
 *
 * ```ts
 * const pool = new PicturePool();
 * const reader = pool.reader({ root: 'photos', pipeline: clipPipeline(224) });
 * const values = await reader.read([{ file: 'dog.jpg' }, { file: 'cat.png' }]); // [2, 224, 224, 3]
 * await pool.close();
 * ```
 *
 * The threads start with the first batch. An open pool does not keep the process from ending. The pool sets the
 * process's `sharp.concurrency` to the number of CPU cores divided by the number of threads.
 *
 * On Linux, if `koffi` and `@julusian/jpeg-turbo` are installed, the threads decode common JPEGs themselves. Other
 * pictures are decoded by libuv's threads, 4 in each process: for more than 4 workers, start Node with the environment
 * variable `UV_THREADPOOL_SIZE` set to their number.
 */
export class PicturePool {
  /** Number of threads. */
  readonly workers: number;
  readonly #signal: AbortSignal | undefined;
  readonly #slots = new Slots(mostBatches);
  readonly #pending = new Map<number, Pending>();
  #threads: Worker[] | undefined;
  #here: JobRunner | undefined;
  #jobs = 0;
  /** Why the pool stopped reading. */
  #end: { readonly error: unknown } | undefined;

  /** Makes a pool; it starts no thread yet. @throws OptionError */
  constructor(options: PicturePoolOptions = {}) {
    checkOptionNames('PicturePool', options, ['workers', 'signal']);
    const { workers = Math.max(1, availableParallelism() - 1), signal } = options;
    checkCount('PicturePool', 'options.workers', workers, { min: 0, max: 1024 });
    this.workers = workers;
    this.#signal = signal;
    if (signal?.aborted) this.#fail(signal.reason);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    this.#fail(this.#signal?.reason);
    void this.#stopWorkers();
  };

  /**
   * A reader of pictures.
   *
   * @throws OptionError on invalid options, and on a pipeline whose result depends on the picture's size
   */
  reader(options: PoolReaderOptions): PoolReader {
    const { root, ...picture } = options;
    // Refuses here what the threads would refuse.
    pictureReader(picture);
    const { height, width } = outputSize(picture.pipeline);
    const items = { options: { picture, sides: [height, width] as const }, size: height * width * 3 };
    return {
      shape: [height, width, 3],
      read: (requests, into) =>
        this.#read(
          requests.map(({ random, ...request }) => ({ ...request, ...(random && { random: [random] }) })),
          { ...items, root, take: (values) => copyOf(values, into) },
        ),
    };
  }

  /** A reader of contrastive views. @throws OptionError on invalid options */
  viewReader(options: PoolViewReaderOptions): PoolViewReader {
    const { root, mode = 'as-pil', ...views } = options;
    checkChoice('PicturePool.viewReader', 'options.mode', mode, decodeModes);
    const drawing = drawViews(views);
    const items = { options: { views, mode }, size: drawing.size };
    return {
      shape: drawing.shape as Readonly<Record<string, readonly number[]>>,
      views: 2 + views.patches,
      read: (requests) => this.#read(requests, { ...items, root, take: (values) => splitViews(drawing, values) }),
    };
  }

  async #read<Batch>(requests: readonly ViewsRequest[], { options, size, root, take }: Reading<Batch>): Promise<Batch> {
    const paths = requests.map(({ file }) => (root === undefined ? file : pathIn(resolve(root), file)));
    const length = requests.length * size;
    const values = await this.#slots.take(length * Float32Array.BYTES_PER_ELEMENT);
    try {
      if (this.#end) throw this.#end.error;
      const id = this.#jobs++;
      const states = requests.map(({ random }) => random?.map(({ state }) => state));
      const turns = requests.map(({ turn }) => turn);
      const job: Job = { id, options, states, paths, turns, size, values, next: new SharedArrayBuffer(4) };
      const broken = await this.#do(job);
      const first = broken.reduce<Broken | undefined>(
        (low, item) => (low && low.row < item.row ? low : item),
        undefined,
      );
      if (first) throw unreadable(requests[first.row].file, first.reason);
      return take(new Float32Array(values, 0, length));
    } finally {
      this.#slots.give(values);
    }
  }

  #do(job: Job): Promise<readonly Broken[]> {
    const workers = this.#start();
    return new Promise((resolve, reject) => {
      const broken: Broken[] = [];
      const settle = (error?: { readonly error: unknown }): void => {
        this.#pending.delete(job.id);
        if (this.#pending.size === 0) for (const worker of workers) worker.unref();
        if (error) reject(error.error);
        else resolve(broken);
      };
      this.#pending.set(job.id, { job, broken, left: Math.max(workers.length, 1), settle });
      for (const worker of workers) {
        worker.ref();
        worker.postMessage(job);
      }
      if (workers.length > 0) return;
      this.#here ??= new JobRunner(itemReader);
      this.#here.run(job).then(
        (found) => this.#onDone({ id: job.id, broken: found }),
        (error) => this.#fail(error),
      );
    });
  }

  #start(): readonly Worker[] {
    this.#threads ??= Array.from({ length: this.workers }, () => {
      const worker = startWorker(Math.max(1, Math.floor(availableParallelism() / this.workers)));
      worker.on('message', (done) => this.#onDone(done));
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', (code) => this.#fail(new Error(`a thread that reads pictures ended with code ${code}`)));
      return worker;
    });
    return this.#threads;
  }

  #onDone({ id, broken }: { readonly id: number; readonly broken: readonly Broken[] }): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    pending.broken.push(...broken);
    pending.left--;
    if (pending.left === 0) pending.settle();
  }

  /** Stops all reading with this error, unless it has stopped already. */
  #fail(error: unknown): void {
    this.#end ??= { error };
    for (const { job, settle } of [...this.#pending.values()]) {
      stopJob(job);
      settle(this.#end);
    }
  }

  /** Stops reading and ends the threads. Batches that are being read are rejected. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#fail(closed());
    await this.#stopWorkers();
  }

  async #stopWorkers(): Promise<void> {
    const ended = (this.#threads ?? []).map((worker) => {
      if (worker.threadId === -1) return undefined;
      // Not `terminate`, because sharp may crash the process if it is stopped in the middle of a picture.
      worker.ref();
      worker.postMessage('close');
      return new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    });
    await Promise.all(ended);
  }
}

/** A copy, in the given memory if it has the right size, else in memory that is not set to zero first. */
function copyOf(values: Float32Array, into?: Float32Array): Float32Array {
  const fits = into?.length === values.length;
  const copy = fits ? into : new Float32Array(Buffer.allocUnsafeSlow(values.byteLength).buffer);
  copy.set(values);
  return copy;
}

function startWorker(threads: number): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js';
  // Flags of the process may be meant for its main program only, e.g. --input-type.
  const execArgv: string[] = [];
  // Pictures lie outside the heap. With V8's usual 16 MB for young objects, they would fill the memory before they are
  // collected, and every 15 pictures the whole heap would be marked, which takes as long as decoding.
  return new Worker(new URL(file, import.meta.url), {
    ...{ workerData: { threads }, execArgv },
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
}

function pathIn(root: string, file: string): string {
  const path = resolve(root, file);
  const inside = relative(root, path);
  if (inside !== '' && !isAbsolute(inside) && inside.split(/[\\/]/)[0] !== '..') return path;
  throw new DataError({
    where: 'PicturePool',
    argument: file,
    expected: `a path in ${root}`,
    received: 'one that leads out of it',
  });
}

function unreadable(file: string, reason: string): DataError {
  const expected = 'a picture that can be read';
  return new DataError({ where: 'PicturePool', argument: file, expected, received: reason });
}

function closed(): OptionError {
  const received = 'one that is closed';
  return new OptionError({ where: 'PicturePool', argument: 'the pool', expected: 'open', received });
}
