import {
  checkChoice,
  checkCount,
  checkFlag,
  checkOptionNames,
  DataError,
  OptionError,
  type RandomStreams,
} from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import { labelRows, type SparseLabels } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { itemStreams } from './item-streams.ts';
import type { InputParts, InputSource, LabelledInputs, Sampler } from './labelled-inputs.ts';
import type { Mix } from './mix/mix.ts';
import { type Ranks, type Rows, shareOf } from './share.ts';

export interface BatchLoaderOptions<Source extends InputSource | InputParts = InputSource> {
  /** Its inputs may have several parts; those of a batch are tensors by their names then. */
  readonly dataset: LabelledInputs<Source>;
  readonly sampler: Sampler;
  /** B, images a batch. */
  readonly batchSize: number;
  /** Leave out the last batch of an epoch if it is smaller than B; default false. */
  readonly dropLast?: boolean;
  /** Where augmentation draws from; nothing is augmented if left out. */
  readonly random?: RandomStreams;
  /** Makes images of pairs of a batch, and their labels of both: `mixup()` or `cutmix()`. Needs images, and `random`. */
  readonly mix?: Mix;
  /** What an image that can't be read does: stop with its name (default), or be left out and counted. */
  readonly onBroken?: 'throw' | 'skip';
  /** Batches that are read while one is in use; default 2. */
  readonly readAhead?: number;
}

/** An image that was left out, and why. */
export interface BrokenItem {
  readonly index: number;
  readonly reason: string;
}

/** Where a loader stands, as JSON. */
export interface LoaderState {
  /** The epoch that runs or comes next. */
  readonly epoch: number;
  /** Batches of that epoch already handed out. */
  readonly batch: number;
  /** The sampler before that epoch. */
  readonly sampler: unknown;
}

/**
 * Batches of a data set as tensors, epoch by epoch.
 *
 * ```ts
 * for await (const batch of loader.epoch()) {
 *   trainOn(batch);
 *   tf.dispose([batch.inputs, batch.labels, batch.known]);
 * }
 * ```
 *
 * While a batch is in use the next ones are read; memory is bounded by those, three unless `readAhead` says otherwise. The image at place p of epoch e draws its
 * augmentation from `random.derive('augment', e, p, view)` ({@link itemStreams}), so the same seed gives the same images
 * whatever the batch size, whatever was read ahead or by whom, and a saved state brings back the rest of an epoch exactly.
 * With `mix` it draws its partner in the batch from `random.derive('mix', e, p)`.
 *
 * Labels of a batch are 0 where they are not known. A data set without images has epochs without batches.
 *
 * @throws OptionError, also where dropLast leaves no batch; DataError on labels that are not of the images, or dense ones not 0 and 1
 */
export class BatchLoader<Source extends InputSource | InputParts = InputSource> {
  readonly #options: BatchLoaderOptions<Source>;
  readonly #labels: SparseLabels;
  readonly #broken: BrokenItem[] = [];
  #state: LoaderState;
  /** The first batch of the next call of {@link epoch}: not 0 after a state was imported in the middle of an epoch. */
  #resumeAt = 0;
  /** Whether the epoch of the state has begun, so that the next call means the one after it. */
  #begun = false;

  constructor(options: BatchLoaderOptions<Source>) {
    checkOptionNames('BatchLoader', options, [
      ...['dataset', 'sampler', 'batchSize', 'dropLast', 'random', 'mix', 'onBroken', 'readAhead'],
    ]);
    const { batchSize, dataset, sampler, dropLast = false, onBroken = 'throw', readAhead = 2 } = options;
    checkCount('BatchLoader', 'options.batchSize', batchSize);
    checkFlag('BatchLoader', 'options.dropLast', dropLast);
    checkChoice('BatchLoader', 'options.onBroken', onBroken, ['throw', 'skip']);
    checkCount('BatchLoader', 'options.readAhead', readAhead);
    this.#labels = labelRows('BatchLoader', dataset.labels);
    if (dataset.labels.rows !== dataset.inputs.length) {
      throw new DataError({
        where: 'BatchLoader',
        argument: 'options.dataset.labels',
        expected: `of ${dataset.inputs.length} images, as dataset.inputs has`,
        received: `${dataset.labels.rows}`,
      });
    }
    if (options.mix) checkMixed(options);
    if (dropLast && sampler.epochLength > 0 && sampler.epochLength < batchSize) {
      throw new OptionError({
        where: 'BatchLoader',
        argument: 'options.batchSize',
        expected: `at most ${sampler.epochLength}, the images of an epoch, where dropLast is set`,
        received: `${batchSize}`,
        hint: 'An epoch would have no batch.',
      });
    }
    this.#options = options;
    this.#state = { epoch: 0, batch: 0, sampler: sampler.exportState() };
  }

  /** Images that were left out of the batches so far, in their order. */
  get broken(): readonly BrokenItem[] {
    return this.#broken;
  }

  /** Batches an epoch has. */
  get batchesPerEpoch(): number {
    const { sampler, batchSize, dropLast = false } = this.#options;
    return (dropLast ? Math.floor : Math.ceil)(sampler.epochLength / batchSize);
  }

  /**
   * The batches of the next epoch; after {@link importState}, of the epoch that the state was saved in.
   *
   * The caller disposes of each batch. Leaving the loop early, by `break` or an error, ends the epoch: the loader and a
   * state that is saved then go on with the next one. A state that is saved inside of the loop goes on with its rest.
   *
   * @param startBatch the first batch to hand out; 0, or where an imported state left off
   * @param ranks where several share the batches: inputs are those of the rank's share of the images, labels and indices of
   *   the whole batch. A rank without an image reads the first one. Batches that are mixed, or may have broken images left
   *   out, are read whole.
   * @throws DataError naming an image that can't be read; OptionError on a batch that an epoch does not have
   */
  async *epoch(
    startBatch: number = this.#resumeAt,
    ranks?: Ranks,
  ): AsyncGenerator<LoadedBatch<TensorsOf<Source>>, void, undefined> {
    const { sampler } = this.#options;
    checkCount('BatchLoader.epoch', 'startBatch', startBatch, { min: 0, max: this.batchesPerEpoch });
    const epoch = this.#begun ? this.#state.epoch + 1 : this.#state.epoch;
    this.#state = { epoch, batch: startBatch, sampler: sampler.exportState() };
    this.#begun = true;
    this.#resumeAt = 0;
    const order = sampler.nextEpoch();
    try {
      this.#checkOrder(order);
      const { readAhead = 2 } = this.#options;
      const ahead = Array.from({ length: readAhead }, (_, i) => this.#read(order, epoch, startBatch + i, ranks));
      for (let batch = startBatch; batch < this.batchesPerEpoch; batch++) {
        const current = (await ahead.shift()) as HostBatch;
        ahead.push(this.#read(order, epoch, batch + readAhead, ranks));
        this.#broken.push(...current.broken);
        this.#state = { ...this.#state, batch: batch + 1 };
        if (current.indices.length > 0) yield this.#toTensors(current, epoch, ranks);
      }
    } finally {
      // Not where the loader has gone on meanwhile, to another epoch or to a state.
      if (this.#begun && this.#state.epoch === epoch) {
        this.#state = { epoch: epoch + 1, batch: 0, sampler: sampler.exportState() };
        this.#begun = false;
      }
    }
  }

  /**
   * Where the loader stands. A batch that was handed out counts as used: saved after the step on batch b, the state
   * goes on with batch b + 1.
   */
  exportState(): LoaderState {
    const finished = this.#begun && this.#state.batch >= this.batchesPerEpoch;
    if (!finished) return this.#state;
    return { epoch: this.#state.epoch + 1, batch: 0, sampler: this.#options.sampler.exportState() };
  }

  /**
   * Goes on where a state was saved, with the same data set, sampler and options.
   *
   * @throws DataError on a place that no epoch has
   */
  importState(state: LoaderState): void {
    for (const [name, max] of [
      ['epoch', Number.MAX_SAFE_INTEGER],
      ['batch', this.batchesPerEpoch],
    ] as const) {
      if (Number.isSafeInteger(state[name]) && state[name] >= 0 && state[name] <= max) continue;
      throw new DataError({
        where: 'BatchLoader.importState',
        argument: `state.${name}`,
        expected: `a whole number from 0 to ${max}`,
        received: `${state[name]}`,
      });
    }
    this.#options.sampler.importState(state.sampler);
    this.#state = state;
    this.#resumeAt = state.batch;
    this.#begun = false;
  }

  #checkOrder(order: Int32Array): void {
    const { length } = this.#options.dataset.inputs;
    const stray = order.find((index) => index < 0 || index >= length);
    if (stray === undefined) return;
    throw new DataError({
      where: 'BatchLoader',
      argument: 'options.sampler',
      expected: `one of the ${length} images of ${this.#options.dataset.name}`,
      received: `index ${stray}`,
    });
  }

  /** Reads a batch to the host; a failure waits until the batch is asked for. */
  #read(order: Int32Array, epoch: number, batch: number, ranks: Ranks | undefined): Promise<HostBatch> {
    const { batchSize } = this.#options;
    const first = batch * batchSize;
    const indices = order.subarray(first, first + batchSize);
    const reading =
      batch < this.batchesPerEpoch
        ? this.#readShare(indices, epoch, first, ranks)
        : Promise.resolve({ indices, places: [], inputs: new Float32Array(0), broken: [] });
    // The loop may be left before this batch is asked for, and then nobody would handle its failure.
    reading.catch(() => {});
    return reading;
  }

  /** Reads of the images those that the rank shares, unless the batch is needed whole. */
  async #readShare(indices: Int32Array, epoch: number, first: number, ranks: Ranks | undefined): Promise<HostBatch> {
    if (!ranks || this.#readsWhole) return this.#readItems(indices, epoch, first);
    const { start, end } = readRows(indices.length, ranks);
    const { inputs, broken } = await this.#readItems(indices.subarray(start, end), epoch, first + start);
    return { indices, places: Array.from(indices, (_, row) => first + row), inputs, broken };
  }

  /** Whether a rank has to know the whole batch to know its share. */
  get #readsWhole(): boolean {
    const { mix, onBroken = 'throw' } = this.#options;
    return mix !== undefined || onBroken === 'skip';
  }

  /** @param first place in the epoch of the first image */
  async #readItems(indices: Int32Array, epoch: number, first: number): Promise<HostBatch> {
    const { dataset, random } = this.#options;
    const read = (items: Int32Array, rowOf: (row: number) => number): Promise<HostBatch['inputs']> =>
      dataset.inputs.read(items, random && itemStreams(random, epoch, (row) => first + rowOf(row)));
    try {
      const places = Array.from(indices, (_, row) => first + row);
      return { indices, places, inputs: await read(indices, (row) => row), broken: [] };
    } catch (error) {
      const { rows, broken } = await this.#findBroken(indices, error);
      const good = Int32Array.from(rows, (row) => indices[row]);
      const places = rows.map((row) => first + row);
      const inputs = good.length === 0 ? new Float32Array(0) : await read(good, (row) => rows[row]);
      return { indices: good, places, inputs, broken };
    }
  }

  /** Finds the broken images of a batch by reading them one by one, and gives the rows of the others. */
  async #findBroken(indices: Int32Array, error: unknown): Promise<{ rows: readonly number[]; broken: BrokenItem[] }> {
    const { dataset, onBroken = 'throw' } = this.#options;
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

  #toTensors(batch: HostBatch, epoch: number, ranks: Ranks | undefined): LoadedBatch<TensorsOf<Source>> {
    const { indices } = batch;
    const { inputs: source } = this.#options.dataset;
    const { columns } = this.#labels;
    const shape: [number, number] = [indices.length, columns];
    const labelValues = new Float32Array(indices.length * columns);
    const knownValues = new Float32Array(indices.length * columns);
    for (const [row, index] of indices.entries()) {
      const { present, absent } = this.#labels.row(index);
      const start = row * columns;
      for (const c of present) {
        labelValues[start + c] = 1;
        knownValues[start + c] = 1;
      }
      if (absent === 'rest') knownValues.fill(1, start, start + columns);
      else for (const c of absent) knownValues[start + c] = 1;
    }
    const given = { inputs: batch.inputs, labels: labelValues, known: knownValues };
    const made = this.#mixed(given, batch.places, epoch);
    const whole = { start: 0, end: indices.length };
    const rows = ranks ? readRows(indices.length, ranks) : whole;
    const read = ranks && this.#readsWhole ? rowsOf(made.inputs, rows, indices.length) : made.inputs;
    return {
      inputs: this.#inputTensors(read, source.shape, rows.end - rows.start),
      labels: tf.tensor2d(made.labels, shape),
      known: tf.tensor2d(made.known, shape),
      indices: Array.from(indices),
    };
  }

  #mixed(given: HostValues, places: readonly number[], epoch: number): HostValues {
    const { mix, random, dataset } = this.#options;
    if (!mix || !random) return given;
    const [height, width] = dataset.inputs.shape as readonly number[];
    const { inputs, labels, known } = given;
    const batch = {
      ...{ rows: places.length, columns: dataset.labels.columns, height, width },
      ...{ values: inputs as Float32Array, labels, known },
    };
    const { values, ...rest } = mix(batch, (row) => random.derive('mix', epoch, places[row]));
    return { ...rest, inputs: values };
  }

  #inputTensors(inputs: HostBatch['inputs'], shape: Source['shape'], rows: number): TensorsOf<Source> {
    const toTensor = (values: Float32Array | undefined, sides: readonly number[], part = ''): tf.Tensor => {
      const whole = [rows, ...sides];
      const size = whole.reduce((product, side) => product * side, 1);
      if (values?.length === size) return tf.tensor(values, whole);
      throw new DataError({
        where: 'BatchLoader',
        argument: `inputs${part} of ${this.#options.dataset.name}`,
        expected: `[${whole}], ${size} numbers a batch`,
        received: `${values?.length ?? 'nothing'}`,
      });
    };
    if (inputs instanceof Float32Array) return toTensor(inputs, shape as readonly number[]) as TensorsOf<Source>;
    const parts = Object.entries(shape as InputParts['shape']);
    const named = parts.map(([name, sides]) => [name, toTensor(inputs[name], sides, `.${name}`)]);
    return Object.fromEntries(named) as TensorsOf<Source>;
  }
}

/** The inputs of a batch as tensors. */
type TensorsOf<Source> = Source extends InputSource ? tf.Tensor : Readonly<Record<string, tf.Tensor>>;

interface HostBatch {
  readonly indices: Int32Array;
  /** Of the images in the epoch. */
  readonly places: readonly number[];
  readonly inputs: Float32Array | Readonly<Record<string, Float32Array>>;
  /** Those that were left out. */
  readonly broken: readonly BrokenItem[];
}

/** The rows of a batch that a rank reads: its share, or the first row where that is empty, since no engine takes nothing. */
function readRows(images: number, ranks: Ranks): Rows {
  const share = shareOf(images, ranks);
  return share.end > share.start ? share : { start: 0, end: 1 };
}

/** Some rows of inputs that have so many. */
function rowsOf(inputs: HostBatch['inputs'], { start, end }: Rows, rows: number): HostBatch['inputs'] {
  if (!(inputs instanceof Float32Array)) {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, rowsOf(values, { start, end }, rows) as Float32Array]),
    );
  }
  const size = inputs.length / rows;
  return inputs.subarray(start * size, end * size);
}

/** What the tensors of a batch are made of. */
interface HostValues extends Pick<HostBatch, 'inputs'> {
  readonly labels: Float32Array;
  readonly known: Float32Array;
}

/** @throws OptionError where there are no images to mix, or nothing to draw from */
function checkMixed({ dataset, random }: BatchLoaderOptions<InputSource | InputParts>): void {
  const { shape } = dataset.inputs;
  const received = Array.isArray(shape) ? `[${shape}]` : Object.keys(shape).join(', ');
  if (!Array.isArray(shape) || shape.length !== 3 || shape[2] !== 3) {
    throw new OptionError({
      where: 'BatchLoader',
      argument: 'options.mix',
      expected: 'left out, unless inputs are images [H, W, 3]',
      received: `inputs ${received}`,
      hint: 'Features and views are not mixed: train the encoder on images.',
    });
  }
  if (random) return;
  const expected = 'given where options.mix is, to draw partners from';
  throw new OptionError({ where: 'BatchLoader', argument: 'options.random', expected, received: 'nothing' });
}

function brokenItemError(dataset: string, items: string, reason: string, cause: unknown): DataError {
  return new DataError({
    where: 'BatchLoader',
    argument: `image ${items} of ${dataset}`,
    expected: 'readable',
    received: reason,
    hint: "`onBroken: 'skip'` leaves such images out and counts them.",
    cause,
  });
}
