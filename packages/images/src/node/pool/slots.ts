/** Shared memory for a bounded number of batches, which is used again and again. */
export class Slots {
  #free: SharedArrayBuffer[];
  readonly #waiting: ((slot: SharedArrayBuffer) => void)[] = [];

  /** @param count batches that may be in memory at a time */
  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => new SharedArrayBuffer(0));
  }

  /** Memory of at least so many bytes, as soon as there is some. */
  async take(bytes: number): Promise<SharedArrayBuffer> {
    const slot = this.#free.pop() ?? (await new Promise<SharedArrayBuffer>((resolve) => this.#waiting.push(resolve)));
    return slot.byteLength >= bytes ? slot : new SharedArrayBuffer(bytes);
  }

  give(slot: SharedArrayBuffer): void {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else this.#free.push(slot);
  }
}
