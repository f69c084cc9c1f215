/** Names stored one after another in two arrays: their bytes, plus 4 bytes per name. */
export class PackedNames {
  #bytes = new Uint8Array(1 << 16);
  #ends = new Uint32Array(1 << 12);
  #used = 0;
  readonly #decoder = new TextDecoder();
  length = 0;

  /** Adds the name in bytes from `start` to before `end`. */
  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.#used + end - start > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length + end - start);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    if (this.length === this.#ends.length) {
      const larger = new Uint32Array(2 * this.#ends.length);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    for (let at = start; at < end; at++) this.#bytes[this.#used++] = bytes[at];
    this.#ends[this.length++] = this.#used;
  }

  /** The name at an index. */
  name(index: number): string {
    return this.#decoder.decode(this.#bytes.subarray(this.#start(index), this.#ends[index]));
  }

  /** Compares a name with the bytes from `start` to before `end`. @returns below 0, 0 or above 0 */
  compare(index: number, bytes: Uint8Array, start: number, end: number): number {
    const [from, to] = [this.#start(index), this.#ends[index]];
    const shorter = Math.min(to - from, end - start);
    for (let i = 0; i < shorter; i++) {
      const difference = this.#bytes[from + i] - bytes[start + i];
      if (difference !== 0) return difference;
    }
    return to - from - (end - start);
  }

  /** The index of a name in a list of ascending names; −1 if it is not there. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let [low, high] = [0, this.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = this.compare(middle, bytes, start, end);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1];
  }
}
