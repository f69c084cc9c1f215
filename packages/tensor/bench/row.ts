/** One line of the speed table: the same work for our engine and for a peer. */
export interface SpeedRow {
  /** What is timed, with its shapes, for example `asymmetric loss [64, 1000]`. */
  readonly name: string;
  /** Creates the inputs and everything else that is not timed, on the active engine. */
  prepare(): PreparedRow | Promise<PreparedRow>;
  /**
   * Python source of the same work. It creates its inputs at the top level and defines `run()`, which is timed. `torch`
   * is already imported.
   */
  readonly torch: string;
  /** Images per call, for rows that are reported in images per second. */
  readonly images?: number;
  /** Name of a row with the same images that does only part of the work. It is the upper limit of this row. */
  readonly limit?: string;
}

/** A row with its inputs. */
export interface PreparedRow {
  /** Does the work once. It must be finished when `run` returns or its promise settles, so wait for the device. */
  run(): void | Promise<void>;
  /** Milliseconds for recording a compiled step. */
  traceMs?(): number;
  dispose(): void;
}
