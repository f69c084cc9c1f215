import type { TensorEntry } from './native-backend.ts';

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
  readonly #fetch: () => number;
  #id: number | undefined;

  constructor(shape: number[], dtype: number, fetch: () => number) {
    this.shape = shape;
    this.dtype = dtype;
    this.#fetch = fetch;
  }

  get id(): number {
    this.#id ??= this.#fetch();
    return this.#id;
  }

  /** Stands for a new value of the session; returns the handle of the old one, if it was fetched. */
  renew(): number | undefined {
    const old = this.#id;
    this.#id = undefined;
    this.version++;
    return old;
  }
}
