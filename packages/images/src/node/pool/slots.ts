/** Shared memory for a limited number of batches; it is reused. */
export class Slots {
  #free: SharedArrayBuffer[];
  readonly #waiting: ((slot: SharedArrayBuffer) => void)[] = [];

  /** @param count number of batches that may be in memory at once */
  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => new SharedArrayBuffer(0));
  }

  /** Waits for memory of at least this many bytes. */
  async take(bytes: number): Promise<SharedArrayBuffer> {
    const slot = this.#free.pop() ?? (await new Promise<SharedArrayBuffer>((resolve) => this.#waiting.push(resolve)));
    return slot.byteLength >= bytes ? slot : new SharedArrayBuffer(bytes);
  }

  /** Returns memory, so that it can be reused. */
  give(slot: SharedArrayBuffer): void {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else this.#free.push(slot);
  }
}
