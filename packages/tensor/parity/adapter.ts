import type { HostTensor } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/** The stored values of a parity case: named tensors from a safetensors file, or values from a JSON file. */
export interface ParityInputs {
  readonly params: Readonly<Record<string, unknown>>;
  /** Name of the folder, for example `losses`. */
  readonly part: string;
  /** Path of the folder, for cases with a separate file. */
  readonly folder: string;
  /** Every stored name, without the prefix of the case. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** A stored tensor as it is. @throws DataError that lists the stored names */
  host(name: string): HostTensor;
  /** A stored tensor on the active engine, float32 or int32. The runner disposes it. */
  tensor(name: string): tf.Tensor;
  /** The values of a stored tensor or JSON array, flattened. */
  numbers(name: string): number[];
  /**
   * A value of a JSON file. `''` is the whole file, and `a/b` is the entry `b` of the object `a`. If the file is a list
   * of rows, a name is a column.
   */
  json(name: string): unknown;
}

/** Any JSON value. It is compared entry by entry: numbers with the tolerance, everything else exactly. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A value to compare with the stored one: a tensor, which the runner disposes, or plain values. */
export type ParityValue = tf.Tensor | HostTensor | ArrayLike<number> | JsonValue;

/**
 * Calls our implementation on the inputs of a case.
 *
 * It returns a value for every name in the case's `outputs`. A missing value counts as failed. If `outputs` is empty,
 * every returned value is compared with the stored value of the same name.
 */
export type ParityAdapter = (inputs: ParityInputs) => ParityOutputs | Promise<ParityOutputs>;

/** Values under the names of the case. `undefined` counts as missing. */
type ParityOutputs = Readonly<Record<string, ParityValue | undefined>>;

/**
 * An adapter throws this if its case needs a file that is not available. The case is skipped and the reason is shown.
 */
export class MissingFile extends Error {
  override readonly name = 'MissingFile';
}

/**
 * Adapters by the `function` of the index. The key `part/function` has priority over `function`. Use it if two parts
 * have different functions of the same name.
 */
export type ParityAdapters = Readonly<Record<string, ParityAdapter>>;
