import type { Labels, SparseLabels } from '@ltml/tensor/labels';
import type { ItemStreams } from './item-streams.ts';

/** The inputs of a network: transformed images, or features cached from a frozen encoder. */
export interface InputSource {
  /** Number of items. */
  readonly length: number;
  /** Shape of one item, without the batch axis. */
  readonly shape: readonly number[];
  /**
   * Reads a batch, row-major [B, …shape].
   *
   * @param streams the random stream of each item for augmentation; left out in evaluation, where nothing is random
   * @param into optional memory for the result, of the right size. It is used again for later batches
   */
  read(indices: ArrayLike<number>, streams?: ItemStreams, into?: Float32Array): Promise<Float32Array>;
}

/** Like {@link InputSource}, with several parts by name, e.g. views of a picture. */
export interface InputParts {
  /** Number of items. */
  readonly length: number;
  /** Shape of one item, for each part. */
  readonly shape: Readonly<Record<string, readonly number[]>>;
  /** Reads a batch, [B, …shape] for each part. */
  read(indices: ArrayLike<number>, streams?: ItemStreams): Promise<Readonly<Record<string, Float32Array>>>;
}

/** Inputs with their labels. */
export interface LabelledInputs<Inputs extends InputSource | InputParts = InputSource> {
  /** Name of the split, with the version if the content never changes, e.g. `digits-lt@1/train`. */
  readonly name: string;
  /** Class names in index order. */
  readonly classes: readonly string[];
  /** Dense or sparse labels; the loader makes them dense for a batch. */
  readonly labels: Labels | SparseLabels;
  readonly inputs: Inputs;
}

/** Decides which images an epoch uses, and in which order. */
export interface Sampler {
  /** Number of indices in an epoch. */
  readonly epochLength: number;
  /** The indices of the next epoch, in order. */
  nextEpoch(): Int32Array;
  /** The state that determines {@link nextEpoch}, as JSON. If saved before an epoch, it restores that epoch. */
  exportState(): unknown;
  /** Continues from a saved state. @throws DataError if the state does not fit */
  importState(state: unknown): void;
}
