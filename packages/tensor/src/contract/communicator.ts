/**
 * Connects the ranks that train one model together. All ranks must make the same calls in the same order; a call
 * returns when all ranks have made it. If a rank is gone, it throws or ends the process.
 */
export interface Communicator {
  /** Number of this process among the ranks, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
  /**
   * Replaces the values by their sums over the ranks, bit for bit the same on every rank. It blocks until all have
   * arrived, because a step cannot wait asynchronously.
   */
  allReduce(values: Float32Array): void;
  /**
   * The values of all ranks, concatenated in the order of the ranks. It blocks until they have arrived, too.
   *
   * @param lengths the number of values of each rank
   */
  allGather(values: Float32Array, lengths: readonly number[]): Float32Array;
  /** Sends the bytes of rank 0 to every rank. The argument of other ranks is ignored. */
  broadcast(bytes?: Uint8Array): Promise<Uint8Array>;
  /** Returns when all ranks have called it. */
  barrier(): Promise<void>;
}
