/** Reads what a predictor takes in of pictures: themselves, or features of them. */
export interface BatchReader {
  /** Of one picture. */
  readonly shape: readonly number[];
  read(requests: readonly { readonly file: string }[]): Promise<Float32Array>;
}

/** Pictures that were read together, in the order of their paths. */
export interface ReadBatch {
  readonly paths: readonly string[];
  /** Of each path why it could not be read; undefined for those that could. */
  readonly errors: readonly (Error | undefined)[];
  /** [N, …shape] of those that could. */
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Batches that are read while one is worked on. */
const ahead = 2;

/**
 * Reads pictures batch by batch, some batches ahead; so many are in memory, however many there are.
 *
 * @param size pictures of a batch
 */
export async function* readBatches(
  paths: AsyncIterable<string>,
  reader: BatchReader,
  size: number,
): AsyncGenerator<ReadBatch, void, undefined> {
  const started: Promise<ReadBatch>[] = [];
  const start = (batch: readonly string[]): void => {
    const reading = readBatch(batch, reader);
    // It is waited for later; until then nobody else should complain.
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

/** To find out which of them are broken. */
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
