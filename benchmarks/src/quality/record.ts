import type { TrackDescription, TrackRun } from './track.ts';

/** Where a run was computed. */
export interface RunEnvironment {
  readonly engine: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly threads: number;
  /** Of the packages that decide the numbers, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of the working tree, where it is one; `+` after it: with changes. */
  readonly commit: string | null;
}

/** One run of the quality suite: what its JSON file holds. */
export interface RunRecord extends Omit<TrackRun, 'outputs'> {
  readonly form: 2;
  readonly suite: string;
  readonly track: string;
  /** Version of the protocol: runs of another one are not comparable. */
  readonly protocol: string;
  readonly method: string;
  readonly title: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly date: string;
  readonly environment: RunEnvironment;
}

/** A track with the data that it ran on: the same for all of its runs. */
export interface TrackRecord extends TrackDescription {
  readonly dataset: string;
  readonly classes: readonly string[];
  /** [C] training images. */
  readonly classCounts: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
}
