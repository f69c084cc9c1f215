import type { Scores } from '@ltml/metrics';
import type { FrequencyGroups } from '@ltml/tensor/labels';

/** What a run says of the test images. */
export interface TestScores {
  readonly scores: Scores;
  /** Of the classes that no training image shows, among themselves. */
  readonly unseen?: Scores | undefined;
  /** [C] training images of each class. */
  readonly classCounts: readonly number[];
  /** Head, medium and tail classes, as the protocol of the data set has them. */
  readonly groups: FrequencyGroups;
}

/** A difference with its 95 % interval, fractions. */
export interface Interval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** What is measured on the test images. */
export interface Measures {
  /** By key: the head of a column, e.g. `mAP tail`. */
  readonly titles: Readonly<Record<string, string>>;
  /** What {@link perClass} is, e.g. `AP`. */
  readonly perClassTitle: string;
  /** Fractions by key. */
  of(run: TestScores): Readonly<Record<string, number>>;
  /** [C] fractions. */
  perClass(run: TestScores): readonly number[];
  /**
   * The second run minus the first by key; measures that have no interval are left out.
   *
   * @param seed draws the images: every pair of one seed meets the same ones
   */
  compare(first: TestScores, second: TestScores, seed: number): Readonly<Record<string, Interval>>;
}
