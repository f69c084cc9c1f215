import type { HostTensor } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/** What a parity case stores: named tensors from a safetensors file, or values from a JSON file. */
export interface ParityInputs {
  readonly params: Readonly<Record<string, unknown>>;
  /** The folder's name, e.g. `losses`. */
  readonly part: string;
  /** Every stored name, without the prefix of the case. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** A stored tensor as it is. @throws DataError that lists the stored names */
  host(name: string): HostTensor;
  /** A stored tensor on the active engine, float32 or int32; the runner disposes of it. */
  tensor(name: string): tf.Tensor;
  /** The values of a stored tensor or JSON array, flattened. */
  numbers(name: string): number[];
  /** A value of a JSON file as it is. */
  json(name: string): unknown;
}

/** A value to be compared with the stored one: a tensor (disposed of by the runner) or host numbers, nested or flat. */
export type ParityValue =
  | tf.Tensor
  | HostTensor
  | number
  | boolean
  | ArrayLike<number>
  | readonly (readonly number[])[];

/**
 * Calls our implementation on the inputs of a case.
 *
 * It returns a value for every name in the case's `outputs`; one left out counts as failed.
 */
export type ParityAdapter = (
  inputs: ParityInputs,
) => Readonly<Record<string, ParityValue>> | Promise<Readonly<Record<string, ParityValue>>>;

/** Adapters by the `function` of the index. */
export type ParityAdapters = Readonly<Record<string, ParityAdapter>>;
