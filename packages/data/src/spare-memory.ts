/** Memory of batches that became tensors, for further batches of the same size. */
export class SpareMemory {
  readonly #most: number;
  #arrays: Float32Array[] = [];

  /** @param most number of arrays to keep */
  constructor(most: number) {
    this.#most = most;
  }

  /** Memory for so many values, which may have any value now; undefined if there is none. */
  take(length: number): Float32Array | undefined {
    return this.#arrays[0]?.length === length ? this.#arrays.pop() : undefined;
  }

  /** Keeps memory that nothing uses. Memory of other sizes is dropped, so that it does not accumulate. */
  give(values: Float32Array): void {
    const others = this.#arrays.filter(({ length }) => length === values.length);
    this.#arrays = [values, ...others].slice(0, this.#most);
  }
}
