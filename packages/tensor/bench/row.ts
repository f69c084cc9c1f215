/** One line of the speed table: the same work for our engine and for a peer. */
export interface SpeedRow {
  /** What is timed, with its shapes, e.g. `asymmetric loss [64, 1000]`. */
  readonly name: string;
  /** Makes the inputs and all that is not to be timed, on the active engine. */
  prepare(): PreparedRow | Promise<PreparedRow>;
  /**
   * Python source of the same work. It makes its inputs at the top level, where `torch` is imported, and defines
   * `run()`, which is timed.
   */
  readonly torch: string;
  /** Images that a call takes in, where it is told by their number a second. */
  readonly images?: number;
  /** The name of a row of as many images that does only a part of the work: what this one can't exceed. */
  readonly limit?: string;
}

export interface PreparedRow {
  /** Does the work once. It is over when `run` returns, or when its promise settles: await a result of the device. */
  run(): void | Promise<void>;
  /** Milliseconds that went into recording a compiled step. */
  traceMs?(): number;
  dispose(): void;
}
