import type { SimdName } from './codes.ts';

/** Threads that call functions of our modules. */
export interface SimdPool {
  /** With the one that asks. */
  readonly threads: number;
  /**
   * Calls a function with each of the lists of numbers in another thread, fewer than there are, and `own` in this one; returns
   * when all are done.
   */
  run(module: SimdName, name: string, others: readonly (readonly number[])[], own: () => void): void;
}

/** Where an engine with threads keeps its pool, on its backend. */
export const simdPoolKey: symbol = Symbol.for('@ltml/engines/simd-pool');
