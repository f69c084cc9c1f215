import * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';

/** Least number of entries of a tensor whose memory is shared, 1 MiB. */
const large = 1 << 18;

/**
 * Lets large results of one shape share the memory of the first of them. So a step can be recorded op by op without the
 * memory of all its results. The values are then wrong, but they are valid numbers.
 *
 * Only float32 results are shared. Others may be indices, and stay as they are.
 */
export class SharedValues {
  readonly #backend: NativeBackend;
  /** Runs an op without recording it. */
  readonly #execute: NativeBackend['executeSingleOutput'];
  readonly #firsts = new Map<string, tf.Tensor>();

  constructor(backend: NativeBackend) {
    this.#backend = backend;
    this.#execute = backend.executeSingleOutput.bind(backend);
  }

  /** Replaces the memory of a result by that of the first result of its shape. */
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
