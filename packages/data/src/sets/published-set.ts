import type { Protocol, SplitRole } from '../data-set.ts';
import type { ExpectedCount } from '../expected-count.ts';
import type { PublishedFile } from './published-file.ts';

/** The options of a reader with their values. */
export type SetOptionValues = Readonly<Record<string, string | number>>;

/** An option of a reader: one of several words, or a number in a range. */
export type SetOption<Value extends string | number = string | number> = [Value] extends [number]
  ? NumberOption
  : [Value] extends [string]
    ? ChoiceOption<Value>
    : NumberOption | ChoiceOption<string>;

interface ChoiceOption<Choice extends string> {
  /** What the option does, in a few words. */
  readonly about: string;
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

interface NumberOption {
  /** What the option does, in a few words. */
  readonly about: string;
  readonly default: number;
  readonly min: number;
  readonly whole: boolean;
}

/** Published numbers of one split, to compare with what is read. */
export interface ExpectedSplit {
  readonly images?: ExpectedCount;
  /** Number of present labels. */
  readonly positives?: ExpectedCount;
  /** Number of images of single classes, by name. */
  readonly classCounts?: Readonly<Record<string, number>>;
  readonly largestClass?: number;
  readonly smallestClass?: number;
}

/** Published numbers of a data set, to compare with what is read. */
export interface ExpectedSet {
  readonly classes: ExpectedCount;
  /** The class names in order, if they are known; otherwise `sorted` if they should be ascending. */
  readonly names?: readonly string[] | 'sorted';
  /** By the published name of the split. */
  readonly splits: Readonly<Record<string, ExpectedSplit>>;
}

/**
 * A published data set: its title and page, the options of its reader, the purpose of its splits, and its published
 * numbers.
 */
export interface PublishedSet<Values extends SetOptionValues = SetOptionValues> {
  readonly title: string;
  /** The page where its authors publish it. */
  readonly source: string;
  readonly options: { readonly [Name in keyof Values]: SetOption<Values[Name]> };
  /** The published names of the splits, by purpose. */
  readonly splits: Readonly<Partial<Record<SplitRole, string>>> & { readonly train: string };
  /** What a file that lists the images of a split must contain, if such a file is accepted. */
  readonly lists?: string;
  readonly protocol: Protocol;
  /** Published archives with known checksums. You may delete them after unpacking. */
  readonly files?: readonly PublishedFile[];
  /**
   * The published numbers for these options.
   *
   * @param listed splits whose images are listed in the user's own files
   */
  expected(options: Values, listed?: readonly string[]): ExpectedSet;
}
