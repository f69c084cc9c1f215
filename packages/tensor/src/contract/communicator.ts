/**
 * Joins the ranks that train one model together. Every rank makes the same calls in the same order; a call ends when all
 * ranks have made it. A call that can't end, because a rank is gone, throws.
 */
export interface Communicator {
  /** This process among the ranks, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
  /** Replaces values by their sums over the ranks, the same bits everywhere. The array is not to be touched meanwhile. */
  allReduce(values: Float32Array): Promise<void>;
  /**
   * The values of all ranks, one after the other in order of rank. It does not return before they are there, since a step
   * can't wait.
   *
   * @param lengths how many values each rank gives
   */
  allGather(values: Float32Array, lengths: readonly number[]): Float32Array;
  /** The bytes that rank 0 gives, on every rank. What the others give does not matter. */
  broadcast(bytes?: Uint8Array): Promise<Uint8Array>;
  /** Ends when all ranks are there. */
  barrier(): Promise<void>;
}
