import * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';

/** Entries from which on a tensor's memory is worth sharing, 1 MiB. */
const large = 1 << 18;

/**
 * Lets large results of one shape share the memory of the first of them, so that a step can be followed from op to op
 * without the memory of all that it computes. The values are then wrong, though real numbers of that shape.
 *
 * Results of types other than float32, which may be places in something, stay as they are.
 */
export class SharedValues {
  readonly #backend: NativeBackend;
  /** Runs an op without being followed. */
  readonly #execute: NativeBackend['executeSingleOutput'];
  readonly #firsts = new Map<string, tf.Tensor>();

  constructor(backend: NativeBackend) {
    this.#backend = backend;
    this.#execute = backend.executeSingleOutput.bind(backend);
  }

  /** Takes the values of a result of an op, and gives it those of the first of its shape. */
  share(result: tf.Tensor): void {
    if (result.dtype !== 'float32' || result.size < large) return;
    const key = `${result.shape}`;
    const first = this.#firsts.get(key);
    const alias = this.#aliasOf(first ?? result);
    if (!first) {
      this.#firsts.set(key, tf.keep(alias));
      return;
    }
    const { tensorMap } = this.#backend;
    const [own, shared]: { id: number }[] = [tensorMap.get(result.dataId), tensorMap.get(alias.dataId)];
    [own.id, shared.id] = [shared.id, own.id];
    alias.dispose();
  }

  dispose(): void {
    tf.dispose([...this.#firsts.values()]);
  }

  #aliasOf(tensor: tf.Tensor): tf.Tensor {
    const { binding } = this.#backend;
    return this.#execute('Identity', [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }], [tensor]);
  }
}
