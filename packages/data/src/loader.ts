import { checkCount, DataError } from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import { labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { type BrokenItem, type HostBatch, readBatch } from './batch-reader.ts';
import { batchTensors, type TensorsOf } from './batch-tensors.ts';
import type { InputParts, InputSource } from './labelled-inputs.ts';
import { type BatchLoaderOptions, checkLoaderOptions } from './loader-options.ts';
import type { Ranks } from './share.ts';

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
 * While a batch is in use the next ones are read; memory is bounded by those, three unless `readAhead` says otherwise.
 *
 * The image at place p of epoch e draws its augmentation from `random.derive('augment', e, p, view)` ({@link itemStreams}).
 * So the same seed gives the same images whatever the batch size, whatever was read ahead or by whom, and a saved state
 * brings back the rest of an epoch exactly.
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
    checkLoaderOptions(options);
    const { dataset, sampler } = options;
    this.#labels = labelRows('BatchLoader', dataset.labels);
    if (dataset.labels.rows !== dataset.inputs.length) {
      throw new DataError({
        where: 'BatchLoader',
        argument: 'options.dataset.labels',
        expected: `of ${dataset.inputs.length} images, as dataset.inputs has`,
        received: `${dataset.labels.rows}`,
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
        if (current.indices.length > 0) {
          yield batchTensors(current, { ...this.#options, labels: this.#labels, epoch, ranks });
        }
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
        ? readBatch(this.#options, { indices, epoch, first }, ranks)
        : Promise.resolve({ indices, places: [], inputs: new Float32Array(0), broken: [] });
    // The loop may be left before this batch is asked for, and then nobody would handle its failure.
    reading.catch(() => {});
    return reading;
  }
}
