import type { TensorEntry } from './native-backend.ts';

/** What the backend takes for "there is no native tensor". */
const noHandle = -1;

/** Where entries get their values. */
export interface EntrySource {
  /** Gives each of the entries the handle of its value, all in one run. */
  fetch(entries: readonly FetchedEntry[]): void;
}

/**
 * A table entry for a value that is in a session: its native tensor is fetched when somebody asks for the handle.
 *
 * A variable that a compiled step assigned has such an entry, so eager code, checkpoints and other sessions see its
 * newest value and nothing is copied while nobody looks.
 */
export class FetchedEntry implements TensorEntry {
  readonly shape: number[];
  readonly dtype: number;
  readonly values: null = null;
  refCount = 1;
  /** Counts the values that the entry has stood for. */
  version = 0;
  /** Where it is fetched from, and under which name. */
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

  /** Whether somebody will want a value that is still in the session alone. */
  get isWanted(): boolean {
    return this.#id === undefined && this.refCount > 0;
  }

  /** Takes over the handle of a value that was fetched. */
  hold(id: number): void {
    this.#id = id;
  }

  /** Runs what looks at the handle, but has no use for the value. */
  withoutFetching<Result>(use: () => Result): Result {
    this.#fetching = false;
    try {
      return use();
    } finally {
      this.#fetching = true;
    }
  }

  /** Stands for a new value of the session; returns the handle of the old one, if it was fetched. */
  renew(): number | undefined {
    const old = this.#id;
    this.#id = undefined;
    this.version++;
    return old;
  }
}
