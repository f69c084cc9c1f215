/** Reads the inputs of a predictor by picture: pixels, or stored features. */
export interface BatchReader {
  /** Shape of the input of one picture. */
  readonly shape: readonly number[];
  /** Inputs [N, …shape] of files. Fails if one of them can't be read. */
  read(requests: readonly { readonly file: string }[]): Promise<Float32Array>;
}

/** A batch of pictures, in the order of their paths. */
export interface ReadBatch {
  readonly paths: readonly string[];
  /** By path: why it could not be read; undefined if it could. */
  readonly errors: readonly (Error | undefined)[];
  /** Inputs [N, …shape] of the N pictures that could be read. */
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Number of batches that are read in advance. */
const ahead = 2;

/**
 * Reads pictures batch by batch, a few batches in advance. Memory does not grow with the number of pictures.
 *
 * @param size number of pictures per batch
 */
export async function* readBatches(
  paths: AsyncIterable<string>,
  reader: BatchReader,
  size: number,
): AsyncGenerator<ReadBatch, void, undefined> {
  const started: Promise<ReadBatch>[] = [];
  const start = (batch: readonly string[]): void => {
    const reading = readBatch(batch, reader);
    // The error is handled when the batch is awaited. Until then it should not count as unhandled.
    reading.catch(() => {});
    started.push(reading);
  };
  let batch: string[] = [];
  for await (const path of paths) {
    batch.push(path);
    if (batch.length < size) continue;
    start(batch);
    batch = [];
    if (started.length > ahead) yield (await started.shift()) as ReadBatch;
  }
  if (batch.length > 0) start(batch);
  for (const reading of started) yield await reading;
}

async function readBatch(paths: readonly string[], reader: BatchReader): Promise<ReadBatch> {
  const { shape } = reader;
  try {
    const values = await reader.read(paths.map((file) => ({ file })));
    return { paths, errors: paths.map(() => undefined), values, shape };
  } catch {
    return readOneByOne(paths, reader);
  }
}

/** Reads a batch again picture by picture, to find out which pictures are broken. */
async function readOneByOne(paths: readonly string[], reader: BatchReader): Promise<ReadBatch> {
  const errors: (Error | undefined)[] = [];
  const whole: Float32Array[] = [];
  for (const result of await Promise.allSettled(paths.map((file) => reader.read([{ file }])))) {
    if (result.status === 'fulfilled') whole.push(result.value);
    errors.push(result.status === 'fulfilled' ? undefined : (result.reason as Error));
  }
  const size = reader.shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(whole.length * size);
  for (const [i, row] of whole.entries()) values.set(row, i * size);
  return { paths, errors, values, shape: reader.shape };
}
