import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';

/** Another side that does the same rows, in turns with us. */
export interface SpeedPeer {
  /** Who it is, e.g. `PyTorch 2.13.0, 2 threads`. */
  readonly title: string;
  /** Makes the inputs of a row; false if the peer has no such row. */
  prepare(row: SpeedRow): Promise<boolean>;
  /** Milliseconds a call of the prepared row, over so many calls one after the other. */
  time(calls: number): Promise<number>;
  /** Puts the prepared row under a compiler that we do not have; false where that does not run. */
  compile?(): Promise<boolean>;
  stop(): void;
}
