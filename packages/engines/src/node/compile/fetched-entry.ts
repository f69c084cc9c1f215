import type { TensorEntry } from './native-backend.ts';

/** The backend's id for "no native tensor". */
const noHandle = -1;

/** Source of the values of entries. */
export interface EntrySource {
  /** Fetches the values of all entries in one run, and gives each entry its handle. */
  fetch(entries: readonly FetchedEntry[]): void;
}

/**
 * A table entry for a value in a session. Its native tensor is fetched when its handle is first needed.
 *
 * A variable that a compiled step assigned has such an entry. Eager code, checkpoints and other sessions thus see its
 * newest value, and nothing is copied unless needed.
 */
export class FetchedEntry implements TensorEntry {
  readonly shape: number[];
  readonly dtype: number;
  readonly values: null = null;
  refCount = 1;
  /** Counts the values that the entry has had. */
  version = 0;
  /** Source of the value, and its name there. */
  readonly source: EntrySource;
  readonly node: string;
  #id: number | undefined;
  #fetching = true;

  constructor(shape: number[], dtype: number, source: EntrySource, node: string) {
    this.shape = shape;
    this.dtype = dtype;
    this.source = source;
    this.node = node;
  }

  get id(): number {
    if (this.#fetching && this.#id === undefined) this.source.fetch([this]);
    return this.#id ?? noHandle;
  }

  /** Whether the value is still needed and only in the session. */
  get isWanted(): boolean {
    return this.#id === undefined && this.refCount > 0;
  }

  /** Sets the handle of a fetched value. */
  hold(id: number): void {
    this.#id = id;
  }

  /** Calls a function that reads the handle but does not need the value. */
  withoutFetching<Result>(use: () => Result): Result {
    this.#fetching = false;
    try {
      return use();
    } finally {
      this.#fetching = true;
    }
  }

  /**
   * Marks the value as replaced by a newer one in the session. @returns the handle of the old value, if it was fetched
   */
  renew(): number | undefined {
    const old = this.#id;
    this.#id = undefined;
    this.version++;
    return old;
  }
}
