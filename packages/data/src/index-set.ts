/** A set of image indices with an order of its own. */
export interface IndexSet {
  readonly size: number;
  add(index: number): void;
  delete(index: number): void;
  /** The members, in the order of the set. */
  list(): Int32Array;
  /** The members that are not in `other`, in the order that such a difference has. */
  without(other: this): Int32Array;
}

/** Indices in ascending order. */
export class AscendingSet implements IndexSet {
  readonly #members = new Set<number>();

  get size(): number {
    return this.#members.size;
  }

  add(index: number): void {
    this.#members.add(index);
  }

  delete(index: number): void {
    this.#members.delete(index);
  }

  list(): Int32Array {
    return Int32Array.from(this.#members).sort();
  }

  without(other: this): Int32Array {
    return this.list().filter((index) => !other.#members.has(index));
  }
}
