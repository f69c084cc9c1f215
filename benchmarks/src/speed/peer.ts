import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';

/** Another implementation of the same rows. It runs in turns with ours. */
export interface SpeedPeer {
  /** Its name, for example `PyTorch 2.13.0, 2 threads`. */
  readonly title: string;
  /** Creates the inputs of a row. False if the peer has no such row. */
  prepare(row: SpeedRow): Promise<boolean>;
  /** Milliseconds per call of the prepared row, over a number of consecutive calls. */
  time(calls: number): Promise<number>;
  /** Compiles the prepared row with the peer's own compiler. False if that does not work. */
  compile?(): Promise<boolean>;
  stop(): void;
}
