/** Finds the index of a text from its bytes, without making a string. */
export class ByteKeys {
  readonly #slots: Int32Array;
  readonly #keys: readonly Uint8Array[];

  /** @param keys distinct texts */
  constructor(keys: readonly string[]) {
    const encoder = new TextEncoder();
    this.#keys = keys.map((key) => encoder.encode(key));
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * keys.length + 2))).fill(-1);
    for (const [place, key] of this.#keys.entries()) {
      let slot = this.#slotOf(key, 0, key.length);
      while (this.#slots[slot] >= 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = place;
    }
  }

  /** The index of the text in bytes from `start` to before `end`; −1 if it is not one of the keys. */
  find(bytes: Uint8Array, start: number, end: number): number {
    for (let slot = this.#slotOf(bytes, start, end); ; slot = (slot + 1) & (this.#slots.length - 1)) {
      const place = this.#slots[slot];
      if (place < 0 || isSame(this.#keys[place], bytes, start, end)) return place;
    }
  }

  /** The hash table slot for the FNV-1a hash of the text. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1);
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
