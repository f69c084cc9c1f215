import { DataError } from '@ltml/tensor';
import { itemStreams } from './item-streams.ts';
import type { InputParts, InputSource } from './labelled-inputs.ts';
import type { BatchLoaderOptions } from './loader-options.ts';
import { type Ranks, type Rows, shareOf } from './share.ts';
import type { SpareMemory } from './spare-memory.ts';

/** An image that was left out of a batch, and why. */
export interface BrokenItem {
  readonly index: number;
  readonly reason: string;
}

/** A batch in host memory, before it becomes tensors. */
export interface HostBatch {
  readonly indices: Int32Array;
  /** Positions of the images in the epoch. */
  readonly places: readonly number[];
  /** The inputs of all images, or of the rows that {@link readRows} gives a rank. */
  readonly inputs: Float32Array | Readonly<Record<string, Float32Array>>;
  /** The images that were left out. */
  readonly broken: readonly BrokenItem[];
}

/** Which images of which epoch a batch holds. */
export interface BatchPlace {
  readonly indices: Int32Array;
  readonly epoch: number;
  /** Position of the batch's first image in the epoch. */
  readonly first: number;
}

/** What {@link readBatch} needs of a loader. */
export interface ReaderOptions
  extends Pick<BatchLoaderOptions<InputSource | InputParts>, 'dataset' | 'random' | 'mix' | 'onBroken'> {
  readonly spare: SpareMemory;
}

/**
 * Reads the images of a batch. With several ranks it reads only the rank's share, unless the whole batch is needed.
 *
 * @throws DataError naming an image that cannot be read
 */
export async function readBatch(options: ReaderOptions, place: BatchPlace, ranks?: Ranks): Promise<HostBatch> {
  if (!ranks || needsWhole(options)) return readItems(options, place);
  const { indices, epoch, first } = place;
  const { start, end } = readRows(indices.length, ranks);
  const share = { indices: indices.subarray(start, end), epoch, first: first + start };
  const { inputs, broken } = await readItems(options, share);
  return { indices, places: placesOf(place), inputs, broken };
}

/** Whether a rank must read the whole batch to know its share. */
export function needsWhole({ mix, onBroken = 'throw' }: Pick<ReaderOptions, 'mix' | 'onBroken'>): boolean {
  return mix !== undefined || onBroken === 'skip';
}

/**
 * The rows of a batch that a rank reads: its share, or the first row if the share is empty, because engines need at
 * least one image.
 */
export function readRows(images: number, ranks: Ranks): Rows {
  const share = shareOf(images, ranks);
  return share.end > share.start ? share : { start: 0, end: 1 };
}

function placesOf({ indices, first }: BatchPlace): number[] {
  return Array.from(indices, (_, row) => first + row);
}

async function readItems(options: ReaderOptions, place: BatchPlace): Promise<HostBatch> {
  const { dataset, random, spare } = options;
  const { indices, epoch } = place;
  const places = placesOf(place);
  const read = (items: Int32Array, at: readonly number[]): Promise<HostBatch['inputs']> => {
    const { inputs } = dataset;
    const streams = random && itemStreams(random, epoch, (row) => at[row]);
    if (!isOnePart(inputs)) return inputs.read(items, streams);
    const length = inputs.shape.reduce((product, side) => product * side, items.length);
    return spare.read(length, (into) => inputs.read(items, streams, into));
  };
  try {
    return { indices, places, inputs: await read(indices, places), broken: [] };
  } catch (error) {
    const { rows, broken } = await findBroken(options, indices, error);
    const good = Int32Array.from(rows, (row) => indices[row]);
    const at = rows.map((row) => places[row]);
    const inputs = good.length === 0 ? new Float32Array(0) : await read(good, at);
    return { indices: good, places: at, inputs, broken };
  }
}

function isOnePart(inputs: InputSource | InputParts): inputs is InputSource {
  return Array.isArray(inputs.shape);
}

/** Finds the broken images of a batch by reading them one by one. @returns the rows of the others */
async function findBroken(
  { dataset, onBroken = 'throw' }: Pick<ReaderOptions, 'dataset' | 'onBroken'>,
  indices: Int32Array,
  error: unknown,
): Promise<{ readonly rows: readonly number[]; readonly broken: readonly BrokenItem[] }> {
  const broken: BrokenItem[] = [];
  const rows: number[] = [];
  for (const [row, index] of indices.entries()) {
    try {
      await dataset.inputs.read([index]);
      rows.push(row);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (onBroken === 'throw') throw brokenItemError(dataset.name, `${index}`, reason, cause);
      broken.push({ index, reason });
    }
  }
  if (broken.length === 0) throw brokenItemError(dataset.name, Array.from(indices).join(', '), String(error), error);
  return { rows, broken };
}

function brokenItemError(dataset: string, items: string, reason: string, cause: unknown): DataError {
  return new DataError({
    where: 'BatchLoader',
    argument: `image ${items} of ${dataset}`,
    expected: 'readable',
    received: reason,
    hint: "`onBroken: 'skip'` leaves out such images and counts them.",
    cause,
  });
}
