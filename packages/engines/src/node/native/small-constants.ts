import type { TensorEntry } from '../compile/native-backend.ts';

/** The addon's functions that make and free tensors. */
export interface TensorMaker {
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
}

const mostBytes = 64;
const mostConstants = 1024;

/** Native tensors of small host values (axes, shapes, factors): one for all tensors of the same values. */
export class SmallConstants {
  readonly #maker: TensorMaker;
  readonly #ids = new Map<string, number>();

  constructor(maker: TensorMaker) {
    this.#maker = maker;
  }

  /**
   * A native tensor for host values that are used for the first time, as for the last they mostly are; undefined the
   * next time, when a tensor of their own pays.
   */
  idOfEntry(entry: TensorEntry & { isUsed?: boolean }): number | undefined {
    if (entry.isUsed) return undefined;
    entry.isUsed = true;
    return this.idOf(entry.values, entry.shape, entry.dtype);
  }

  /** A native tensor of these values; undefined if they are many, or text. */
  idOf(values: unknown, shape: readonly number[], dtype: number): number | undefined {
    if (!ArrayBuffer.isView(values) || values.byteLength > mostBytes) return undefined;
    const array = values as Float32Array | Int32Array | Uint8Array;
    // By their bits: 0 and −0 are different factors.
    const bits = array instanceof Float32Array ? new Int32Array(array.slice().buffer) : array;
    const key = `${dtype}[${shape}]${bits}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      // A copy: the addon uses the array's own memory, which may change.
      id = this.#maker.createTensor(shape, dtype, array.slice());
      this.#ids.set(key, id);
    }
    return id;
  }

  /** Frees them if there are many, as where a factor is another at every step. Not between uses of one op. */
  trim(): void {
    if (this.#ids.size < mostConstants) return;
    for (const id of this.#ids.values()) this.#maker.deleteTensor(id);
    this.#ids.clear();
  }
}
