import { DataError } from '@ltml/tensor';
import {
  checkIndices,
  type FrequencyGroups,
  type FrequencyGroupsOptions,
  frequencyGroups,
  type SparseLabels,
} from '@ltml/tensor/labels';
import type { Pictures } from './pictures.ts';

/** A class of a data set. */
export interface ClassEntry {
  /** What people read. */
  readonly name: string;
  /** What the data set calls it, e.g. `/m/0bt9lr`; the name where it has no other. */
  readonly id: string;
  /** What a text encoder should read, where that is not the name. */
  readonly text?: string;
  /** False for a class that no training image shows, which is predicted by its text alone. */
  readonly seen: boolean;
}

/** Classes in index order. */
export type ClassList = readonly ClassEntry[];

/** What the images of a data set are for. */
export type SplitRole = 'train' | 'validation' | 'test';

/** The images of one split with their labels. */
export interface LabelledPictures {
  /** With the version where the content is frozen, e.g. `digits-lt@1/train`. */
  readonly name: string;
  readonly labels: SparseLabels;
  readonly pictures: Pictures;
}

/** How scores on a data set are measured. */
export interface Protocol {
  /** `single` where the classes of an image exclude one another. */
  readonly labels: 'single' | 'multi';
  /** Metrics by name; the first is the one that counts. */
  readonly metrics: readonly MetricName[];
  /** What a class without positives in the evaluated images does to a mean over classes: it is left out. */
  readonly emptyClasses: 'skip';
  /**
   * Head, medium and tail: as lists of classes, where they are published, or by the training images of each class. Which
   * classes are unseen, they say themselves.
   */
  readonly groups: { readonly lists: FrequencyGroups } | { readonly counts: FrequencyGroupsOptions };
}

/** `mAP`; `CF1` and `OF1`, at the threshold of the scores; `accuracy`, of the highest score. */
export type MetricName = 'mAP' | 'CF1' | 'OF1' | 'accuracy';

/** The protocol of data sets whose images have any number of labels. */
export const multiLabelProtocol: Protocol = {
  labels: 'multi',
  metrics: ['mAP', 'CF1', 'OF1'],
  emptyClasses: 'skip',
  groups: { counts: {} },
};

/** The protocol of data sets whose images have one label each. */
export const singleLabelProtocol: Protocol = {
  labels: 'single',
  metrics: ['accuracy', 'mAP'],
  emptyClasses: 'skip',
  groups: { counts: {} },
};

/**
 * The protocol of long-tailed data sets whose images have one label each: many from 101 training images, few below 20, as this
 * literature has it.
 */
export const longTailedProtocol: Protocol = {
  ...singleLabelProtocol,
  groups: { counts: { headFrom: 101, tailBelow: 20 } },
};

/** A data set: what its classes are, its images by what they are for, and how scores on it are measured. */
export interface DataSet {
  /** Without version, e.g. `digits-lt`. */
  readonly name: string;
  /** Of frozen content, e.g. `1`; null where the content may change. */
  readonly version: string | null;
  readonly classes: ClassList;
  readonly splits: {
    /** Its labels may have columns for the classes alone that it shows, which then come first. */
    readonly train: LabelledPictures;
    /** Images to choose by; where there are none, some are held out of train. */
    readonly validation?: LabelledPictures;
    /** Images that are scored once, at the end. */
    readonly test?: LabelledPictures;
  };
  readonly protocol: Protocol;
}

/** Classes that are called as they are named, all of them seen. */
export function classList(names: readonly string[]): ClassList {
  return names.map((name) => ({ name, id: name, seen: true }));
}

/**
 * Head, medium and tail classes as a protocol has them.
 *
 * @param classCounts [C] training images of each class
 * @throws DataError on a list with a class that is none, or that is in two lists
 */
export function classGroups({ groups }: Pick<Protocol, 'groups'>, classCounts: readonly number[]): FrequencyGroups {
  if ('counts' in groups) return frequencyGroups(classCounts, groups.counts);
  const { lists } = groups;
  const found = new Set<number>();
  for (const [name, classes] of Object.entries(lists) as [string, readonly number[]][]) {
    const argument = `protocol.groups.lists.${name}`;
    checkIndices('classGroups', argument, classes, classCounts.length);
    const twice = classes.find((c) => found.has(c));
    for (const c of classes) found.add(c);
    if (twice === undefined) continue;
    throw new DataError({
      where: 'classGroups',
      argument,
      expected: 'classes of no other list',
      received: `class ${twice} again`,
    });
  }
  return lists;
}
