/** Names one after another in a few arrays: as many bytes as they have letters, and 4 for each. */
export class PackedNames {
  #bytes = new Uint8Array(1 << 16);
  #ends = new Uint32Array(1 << 12);
  #used = 0;
  #decoder = new TextDecoder();
  #encoder = new TextEncoder();
  length = 0;

  push(name: string): void {
    // A letter has at most three bytes.
    if (this.#used + 3 * name.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length + 3 * name.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    if (this.length === this.#ends.length) {
      const larger = new Uint32Array(2 * this.#ends.length);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#used += this.#encoder.encodeInto(name, this.#bytes.subarray(this.#used)).written;
    this.#ends[this.length++] = this.#used;
  }

  name(index: number): string {
    return this.#decoder.decode(this.#bytes.subarray(index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]));
  }

  /** The place of a name among names that ascend, −1 if it is none of them. */
  find(name: string): number {
    let [low, high] = [0, this.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const here = this.name(middle);
      if (here === name) return middle;
      if (here < name) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
