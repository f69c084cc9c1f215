import type { TensorEntry } from '../compile/native-backend.ts';

/** Functions of the addon that make and delete tensors. */
export interface TensorMaker {
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
}

const mostBytes = 64;
const mostConstants = 1024;

/** Native tensors of small host values (axes, shapes, factors). Tensors with equal values share one. */
export class SmallConstants {
  readonly #maker: TensorMaker;
  readonly #ids = new Map<string, number>();

  constructor(maker: TensorMaker) {
    this.#maker = maker;
  }

  /**
   * A native tensor for host values at their first use, which is often their only one. Undefined at the second use:
   * then a tensor of their own is better.
   */
  idOfEntry(entry: TensorEntry & { isUsed?: boolean }): number | undefined {
    if (entry.isUsed) return undefined;
    entry.isUsed = true;
    return this.idOf(entry.values, entry.shape, entry.dtype);
  }

  /** A native tensor with these values; undefined if they are text, or more than 64 bytes. */
  idOf(values: unknown, shape: readonly number[], dtype: number): number | undefined {
    if (!ArrayBuffer.isView(values) || values.byteLength > mostBytes) return undefined;
    const array = values as Float32Array | Int32Array | Uint8Array;
    // The key uses the bits, since 0 and −0 are different factors.
    const bits = array instanceof Float32Array ? new Int32Array(array.slice().buffer) : array;
    const key = `${dtype}[${shape}]${bits}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      // A copy: the addon uses the array's own memory, which may change later.
      id = this.#maker.createTensor(shape, dtype, array.slice());
      this.#ids.set(key, id);
    }
    return id;
  }

  /**
   * Deletes all tensors if there are too many, e.g. because a factor changes at every step. Do not call it while an op
   * uses them.
   */
  trim(): void {
    if (this.#ids.size < mostConstants) return;
    for (const id of this.#ids.values()) this.#maker.deleteTensor(id);
    this.#ids.clear();
  }
}
