/** Whole numbers ordered by a key, lowest first; of equal keys, the one that was added first. */
export class MinHeap {
  readonly #entries: Entry[] = [];
  #pushed = 0;

  /** Adds a number with its key. */
  push(item: number, key: number): void {
    const entries = this.#entries;
    const entry = { item, key, order: this.#pushed++ };
    let at = entries.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(entry, entries[parent])) break;
      entries[at] = entries[parent];
      at = parent;
    }
    entries[at] = entry;
  }

  /** Removes and returns the first number; undefined if the heap is empty. */
  pop(): { readonly item: number; readonly key: number } | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (!last || entries.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < entries.length && isBefore(entries[child + 1], entries[child])) child++;
      if (child >= entries.length || !isBefore(entries[child], last)) break;
      entries[at] = entries[child];
      at = child;
    }
    entries[at] = last;
    return first;
  }
}

interface Entry {
  readonly item: number;
  readonly key: number;
  readonly order: number;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
