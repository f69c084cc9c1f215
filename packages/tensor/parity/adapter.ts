import type { HostTensor } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/** What a parity case stores: named tensors from a safetensors file, or values from a JSON file. */
export interface ParityInputs {
  readonly params: Readonly<Record<string, unknown>>;
  /** The folder's name, e.g. `losses`. */
  readonly part: string;
  /** The folder itself, for what a case keeps in a file of its own. */
  readonly folder: string;
  /** Every stored name, without the prefix of the case. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** A stored tensor as it is. @throws DataError that lists the stored names */
  host(name: string): HostTensor;
  /** A stored tensor on the active engine, float32 or int32; the runner disposes of it. */
  tensor(name: string): tf.Tensor;
  /** The values of a stored tensor or JSON array, flattened. */
  numbers(name: string): number[];
  /**
   * A value of a JSON file as it is. A file that is a list of rows is read by columns; `a/b` is the entry `b` of the
   * object `a`; `''` is the whole file.
   */
  json(name: string): unknown;
}

/** What JSON can hold; compared entry by entry, numbers by the tolerance, everything else exactly. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A value to be compared with the stored one: a tensor (disposed of by the runner) or host values. */
export type ParityValue = tf.Tensor | HostTensor | ArrayLike<number> | JsonValue;

/**
 * Calls our implementation on the inputs of a case.
 *
 * It returns a value for every name in the case's `outputs`; one left out counts as failed. Where `outputs` is empty the
 * file itself is the reference, and what the adapter returns is compared with the stored values of the same names.
 */
export type ParityAdapter = (inputs: ParityInputs) => ParityOutputs | Promise<ParityOutputs>;

/** Values by the names of the case; one that is undefined counts as left out. */
type ParityOutputs = Readonly<Record<string, ParityValue | undefined>>;

/** Thrown by an adapter whose case needs a file that is not at hand: the case is skipped, and the reason is shown. */
export class MissingFile extends Error {
  override readonly name = 'MissingFile';
}

/**
 * Adapters by the `function` of the index. Where two parts give one name to different functions, the key is
 * `part/function`, which goes before the bare name.
 */
export type ParityAdapters = Readonly<Record<string, ParityAdapter>>;
