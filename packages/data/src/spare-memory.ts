import { copyableValues } from '@ltml/tensor';

/** Memory of batches that became tensors, for further batches of the same size. */
export class SpareMemory {
  readonly #most: number;
  readonly #own = new WeakSet<Float32Array>();
  #free: Float32Array[] = [];
  #isIgnored = false;

  /** @param most number of arrays to keep */
  constructor(most: number) {
    this.#most = most;
  }

  /** Memory for so many values, which may have any value now. */
  take(length: number): Float32Array {
    const spare = this.#free[0]?.length === length ? this.#free.pop() : undefined;
    const values = spare ?? copyableValues(length);
    this.#own.add(values);
    return values;
  }

  /**
   * Reads values into spare memory.
   *
   * @param read returns the memory, or other values. If it does that once, it gets no more memory
   */
  async read(length: number, read: (into?: Float32Array) => Promise<Float32Array>): Promise<Float32Array> {
    if (this.#isIgnored) return read();
    const into = this.take(length);
    const values = await read(into);
    if (values !== into) this.#isIgnored = true;
    return values;
  }

  /**
   * Keeps memory that nothing uses, if it comes from here: a source may need its own arrays. Memory of other sizes is
   * dropped, so that it does not accumulate.
   */
  give(values: Float32Array): void {
    if (!this.#own.has(values)) return;
    const others = this.#free.filter(({ length }) => length === values.length);
    this.#free = [values, ...others].slice(0, this.#most);
  }
}
