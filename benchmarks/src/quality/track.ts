import type { Scores } from '@ltml/metrics';

/** A number that every run of a track reports, a fraction. */
export interface Measure {
  readonly key: string;
  /** The head of its column, e.g. `mAP tail`. */
  readonly title: string;
}

/** Measures of one run, or one point of its curve, by key. */
export type Measures = Readonly<Record<string, number>>;

/** Measures on the test images in the course of a run. */
export interface CurvePoint {
  readonly step: number;
  /** Mean training loss since the point before, in nats; losses of two methods are not comparable. */
  readonly loss: number;
  readonly measures: Measures;
}

/** A row of a track. */
export interface TrackMethod {
  readonly title: string;
  readonly description: string;
  /** The step of the ladder before this one; none for what stands beside the ladder. */
  readonly after?: string;
  /** The method that its differences are taken to, where that is not the track's baseline. */
  readonly against?: string;
}

/** One measure against a number that is varied, e.g. mAP against the share of known labels. */
export interface MeasureSeries {
  readonly title: string;
  /** What is varied, with its unit. */
  readonly axis: string;
  readonly points: readonly { readonly at: number; readonly measure: string }[];
}

/** What is compared, and on which data. */
export interface TrackDescription {
  readonly key: string;
  readonly title: string;
  /** What the track asks, in a sentence. */
  readonly question: string;
  /** Runs of different versions are not comparable. */
  readonly protocol: string;
  readonly seeds: readonly number[];
  readonly measures: readonly Measure[];
  /** Drawn beside the table, where measures are points of a series. */
  readonly series?: MeasureSeries;
  /** In the order of report. */
  readonly methods: Readonly<Record<string, TrackMethod>>;
  /** The method that the others are compared with, unless they say `against`. */
  readonly baseline: string;
  /** Sentences for the reader: budget, evaluation, how settings were chosen. */
  readonly notes: readonly string[];
}

/** What a run of one method with one seed gives. */
export interface TrackRun {
  readonly measures: Measures;
  /** [C] AP (or accuracy) of each class, fractions. */
  readonly perClass: readonly number[];
  /** Empty where nothing is measured on the way. */
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** All that was set, as JSON, for the record. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Scores of the test images, by the name of the evaluation: what two runs are compared by. */
  readonly outputs: Readonly<Record<string, Scores>>;
}

/** A difference with its 95 % interval, fractions. */
export interface Interval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Data and networks that all methods of a track start from. */
export interface TrackParts {
  readonly dataset: string;
  readonly classes: readonly string[];
  /** [C] training images; 0 for a class that is never seen. */
  readonly classCounts: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
  /** Trains one method with one seed and evaluates it on the test images; `onProgress` is told the fraction done. */
  run(method: string, seed: number, onProgress: (done: number) => void): Promise<TrackRun>;
  /**
   * The second run minus the first by measure, both of this seed; measures that have no interval are left out. Every
   * method meets the same draws of images.
   */
  compare(first: TrackRun, second: TrackRun, seed: number): Readonly<Record<string, Interval>>;
}

/** A comparison of methods that is a section of the report. */
export interface Track extends TrackDescription {
  /** Leaves the track out of its suite on other engines than TensorFlow's, unless it or a method of it is named: it takes too long. */
  readonly nativeOnly?: boolean;
  /** Seconds that a run and the loading take on WebAssembly, roughly: for the time left. */
  readonly cost: { readonly load: number; readonly run: number };
  load(onProgress: (done: number) => void): Promise<TrackParts>;
}

/** Numbers of a protocol that may be changed for a trial; the record then says so. */
export interface TrackChanges {
  readonly seeds?: readonly number[];
  readonly epochs?: number;
}

/** What records call a protocol: its version and, for a trial, what is changed of it. Seeds change no single run. */
export function protocolName(version: string, { seeds, ...others }: TrackChanges): string {
  const changes = Object.entries(others).map(([name, value]) => `${name} ${value}`);
  if (changes.length > 0) return `${version}, changed for a trial: ${changes.join(', ')}`;
  return seeds ? `${version}, other seeds` : version;
}
