import { checkCount, DataError } from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import { labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { type BrokenItem, type HostBatch, readBatch } from './batch-reader.ts';
import { batchTensors, type TensorsOf } from './batch-tensors.ts';
import type { InputParts, InputSource } from './labelled-inputs.ts';
import { type BatchLoaderOptions, checkLoaderOptions } from './loader-options.ts';
import type { Ranks } from './share.ts';
import { SpareMemory } from './spare-memory.ts';

/** The position of a loader, as JSON. */
export interface LoaderState {
  /** The current epoch, or the next one. */
  readonly epoch: number;
  /** Number of batches of that epoch that were already returned. */
  readonly batch: number;
  /** The sampler's state before that epoch. */
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
 * While a batch is in use, the next ones are read. Memory is bounded by them: three batches by default, see
 * `readAhead`. Where an engine copies the values of a tensor (`tensorflow`, `wasm`), further batches are read into the
 * same memory.
 *
 * The image at position p of epoch e draws its augmentation from `random.derive('augment', e, p, view)`
 * ({@link itemStreams}). So a seed gives the same images for every batch size, whatever was read ahead and by whom, and
 * a saved state restores the rest of an epoch exactly. With `mix` the image draws its partner in the batch from
 * `random.derive('mix', e, p)`.
 *
 * Unknown labels of a batch are 0. A data set without images has epochs without batches.
 *
 * @throws OptionError, also if dropLast leaves no batch; DataError if the number of labels differs from the number of
 *   images, or on dense labels other than 0 and 1
 */
export class BatchLoader<Source extends InputSource | InputParts = InputSource> {
  readonly #options: BatchLoaderOptions<Source>;
  readonly #labels: SparseLabels;
  readonly #broken: BrokenItem[] = [];
  readonly #spare: SpareMemory;
  #state: LoaderState;
  /** The first batch of the next call of {@link epoch}; not 0 after importing a state from the middle of an epoch. */
  #resumeAt = 0;
  /** Whether the epoch of the state has started; the next call then begins the following epoch. */
  #begun = false;

  constructor(options: BatchLoaderOptions<Source>) {
    checkLoaderOptions(options);
    const { dataset, sampler } = options;
    this.#labels = labelRows('BatchLoader', dataset.labels);
    if (dataset.labels.rows !== dataset.inputs.length) {
      throw new DataError({
        where: 'BatchLoader',
        argument: 'options.dataset.labels',
        expected: `for ${dataset.inputs.length} images, the length of dataset.inputs`,
        received: `${dataset.labels.rows}`,
      });
    }
    this.#options = options;
    this.#spare = new SpareMemory((options.readAhead ?? 2) + 1);
    this.#state = { epoch: 0, batch: 0, sampler: sampler.exportState() };
  }

  /** The images that were left out so far, in order. */
  get broken(): readonly BrokenItem[] {
    return this.#broken;
  }

  /** Number of batches in an epoch. */
  get batchesPerEpoch(): number {
    const { sampler, batchSize, dropLast = false } = this.#options;
    return (dropLast ? Math.floor : Math.ceil)(sampler.epochLength / batchSize);
  }

  /**
   * The batches of the next epoch; after {@link importState}, of the epoch in which the state was saved.
   *
   * The caller disposes each batch. If you leave the loop early, by `break` or an error, the epoch ends: the loader,
   * and a state saved then, continue with the next epoch. A state saved inside the loop continues with the rest of the
   * epoch.
   *
   * @param startBatch the first batch to return; default 0, or the position of an imported state
   * @param ranks for several ranks that share each batch: inputs are those of this rank's share of the images, labels
   *   and indices those of the whole batch. A rank without an image reads the first one. With `mix` or
   *   `onBroken: 'skip'` every rank reads the whole batch
   * @throws DataError naming an image that cannot be read; OptionError on a batch that an epoch does not have
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
          yield batchTensors(current, { ...this.#options, labels: this.#labels, epoch, ranks, spare: this.#spare });
        }
      }
    } finally {
      // Not if the loader has meanwhile moved to another epoch or an imported state.
      if (this.#begun && this.#state.epoch === epoch) {
        this.#state = { epoch: epoch + 1, batch: 0, sampler: sampler.exportState() };
        this.#begun = false;
      }
    }
  }

  /**
   * The position of the loader. A returned batch counts as used: a state saved after the step on batch b continues with
   * batch b + 1.
   */
  exportState(): LoaderState {
    const finished = this.#begun && this.#state.batch >= this.batchesPerEpoch;
    if (!finished) return this.#state;
    return { epoch: this.#state.epoch + 1, batch: 0, sampler: this.#options.sampler.exportState() };
  }

  /**
   * Continues from a saved state, with the same data set, sampler and options.
   *
   * @throws DataError on a position that no epoch has
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

  /** Reads a batch to the host. An error is thrown only when the batch is requested. */
  #read(order: Int32Array, epoch: number, batch: number, ranks: Ranks | undefined): Promise<HostBatch> {
    const { batchSize } = this.#options;
    const first = batch * batchSize;
    const indices = order.subarray(first, first + batchSize);
    const reading =
      batch < this.batchesPerEpoch
        ? readBatch({ ...this.#options, spare: this.#spare }, { indices, epoch, first }, ranks)
        : Promise.resolve({ indices, places: [], inputs: new Float32Array(0), broken: [] });
    // The loop may end before this batch is requested, so its error must not be reported as unhandled.
    reading.catch(() => {});
    return reading;
  }
}
