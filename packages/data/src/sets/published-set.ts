import type { Protocol, SplitRole } from '../data-set.ts';
import type { ExpectedCount } from '../expected-count.ts';
import type { PublishedFile } from './published-file.ts';

/** Options of a reader, with their values. */
export type SetOptionValues = Readonly<Record<string, string | number>>;

/** An option of a reader: one of some words, or a number of a range. */
export type SetOption<Value extends string | number = string | number> = [Value] extends [number]
  ? NumberOption
  : [Value] extends [string]
    ? ChoiceOption<Value>
    : NumberOption | ChoiceOption<string>;

interface ChoiceOption<Choice extends string> {
  readonly about: string;
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

interface NumberOption {
  readonly about: string;
  readonly default: number;
  readonly min: number;
  readonly whole: boolean;
}

/** What the published data set has, of a split each, to compare with. */
export interface ExpectedSplit {
  readonly images?: ExpectedCount;
  /** Present labels. */
  readonly positives?: ExpectedCount;
  /** Images of classes, by name. */
  readonly classCounts?: Readonly<Record<string, number>>;
  readonly largestClass?: number;
  readonly smallestClass?: number;
}

/** What the published data set has, to compare with what is read. */
export interface ExpectedSet {
  readonly classes: ExpectedCount;
  /** Names in their order, where they are known; otherwise `sorted` if they should ascend. */
  readonly names?: readonly string[] | 'sorted';
  /** By the published names of the splits. */
  readonly splits: Readonly<Record<string, ExpectedSplit>>;
}

/** A published data set: what a reader may be told, what its splits are for, and what it should have. */
export interface PublishedSet<Values extends SetOptionValues = SetOptionValues> {
  readonly title: string;
  /** Where its authors publish it. */
  readonly source: string;
  readonly options: { readonly [Name in keyof Values]: SetOption<Values[Name]> };
  /** The published splits by what they are for. */
  readonly splits: Readonly<Partial<Record<SplitRole, string>>> & { readonly train: string };
  /** What a file that lists the images of a split holds, where one may be named. */
  readonly lists?: string;
  readonly protocol: Protocol;
  /** Published files whose checksums are known; they need not be kept once they are unpacked. */
  readonly files?: readonly PublishedFile[];
  /**
   * What is known of the published counts, with these options.
   *
   * @param listed splits whose images the user's own files list
   */
  expected(options: Values, listed?: readonly string[]): ExpectedSet;
}
