/** A set of image indices with its own iteration order. */
export interface IndexSet {
  readonly size: number;
  add(index: number): void;
  delete(index: number): void;
  /** The members, in the set's order. */
  list(): Int32Array;
  /** The members that are not in `other`, in the order of that set difference. */
  without(other: this): Int32Array;
}

/** A set whose order is ascending. */
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
