import type { SimdName } from './codes.ts';

/** Threads that call functions of SIMD modules. */
export interface SimdPool {
  /** Number of threads, including the calling one. */
  readonly threads: number;
  /**
   * Calls a function once in another thread for each list of numbers, and `own` in this thread. Returns when all are
   * done. There must be fewer lists than threads.
   */
  run(module: SimdName, name: string, others: readonly (readonly number[])[], own: () => void): void;
}

/** Property of an engine's backend that holds its pool. */
export const simdPoolKey: symbol = Symbol.for('@ltml/engines/simd-pool');
