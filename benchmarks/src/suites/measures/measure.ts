import type { Scores } from '@ltml/metrics';
import type { FrequencyGroups } from '@ltml/tensor/labels';

/** The scores of a run on the test images. */
export interface TestScores {
  readonly scores: Scores;
  /** Scores of the unseen classes only, ranked among themselves. */
  readonly unseen?: Scores | undefined;
  /** [C] training images of each class. */
  readonly classCounts: readonly number[];
  /** Head, medium and tail classes, by the protocol of the data set. */
  readonly groups: FrequencyGroups;
}

/** A difference with its 95 % interval, as fractions. */
export interface Interval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** A set of measures on the test images. */
export interface Measures {
  /** Column titles by key, for example `mAP tail`. */
  readonly titles: Readonly<Record<string, string>>;
  /** Title of {@link perClass}, for example `AP`. */
  readonly perClassTitle: string;
  /** The measures of a run by key, as fractions. */
  of(run: TestScores): Readonly<Record<string, number>>;
  /** [C] the measure of each class, as fractions. */
  perClass(run: TestScores): readonly number[];
  /**
   * The second run minus the first, by key. Measures without an interval are missing.
   *
   * @param seed seed of the bootstrap. The same seed draws the same images
   */
  compare(first: TestScores, second: TestScores, seed: number): Readonly<Record<string, Interval>>;
}
