import type { Labels, SparseLabels } from '@ltml/tensor/labels';
import type { ItemStreams } from './item-streams.ts';

/** What a network is fed with: transformed images, or features cached from a frozen encoder. */
export interface InputSource {
  readonly length: number;
  /** Shape of one item, without the batch axis. */
  readonly shape: readonly number[];
  /**
   * A batch, row-major [B, …shape].
   *
   * @param streams where each item draws its augmentation from; left out in evaluation, where nothing is random
   */
  read(indices: ArrayLike<number>, streams?: ItemStreams): Promise<Float32Array>;
}

/** {@link InputSource} of several parts by name, e.g. views of a picture. */
export interface InputParts {
  readonly length: number;
  /** Shapes of one item, by part. */
  readonly shape: Readonly<Record<string, readonly number[]>>;
  read(indices: ArrayLike<number>, streams?: ItemStreams): Promise<Readonly<Record<string, Float32Array>>>;
}

/** Inputs with their labels. */
export interface LabelledInputs<Inputs extends InputSource | InputParts = InputSource> {
  /** With its version where the content is frozen, e.g. `digits-lt@1/train`. */
  readonly name: string;
  /** Class names in index order. */
  readonly classes: readonly string[];
  /** Either form; a loader makes them dense for a batch. */
  readonly labels: Labels | SparseLabels;
  readonly inputs: Inputs;
}

/** An order of indices, epoch by epoch. */
export interface Sampler {
  /** Indices an epoch has. */
  readonly epochLength: number;
  /** The indices of the next epoch, in order. */
  nextEpoch(): Int32Array;
  /** All that {@link nextEpoch} depends on, as JSON. Saved before an epoch, it brings back that epoch. */
  exportState(): unknown;
  importState(state: unknown): void;
}
