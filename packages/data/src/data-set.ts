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
  /** The name for people. */
  readonly name: string;
  /** The identifier in the data set, e.g. `/m/0bt9lr`; equal to the name if there is no other. */
  readonly id: string;
  /** The text for a text encoder, if it differs from the name. */
  readonly text?: string;
  /** False for a class without training images, which can only be predicted from its text. */
  readonly seen: boolean;
}

/** Classes in index order. */
export type ClassList = readonly ClassEntry[];

/** The purpose of a split. */
export type SplitRole = 'train' | 'validation' | 'test';

/** The images of one split with their labels. */
export interface LabelledPictures {
  /** Name of the split, with the version if the content never changes, e.g. `digits-lt@1/train`. */
  readonly name: string;
  readonly labels: SparseLabels;
  readonly pictures: Pictures;
}

/** How scores on a data set are evaluated. */
export interface Protocol {
  /** `single` if each image has exactly one class, else `multi`. */
  readonly labels: 'single' | 'multi';
  /** What happens to a class without positives in the evaluated images: `skip` leaves it out of means over classes. */
  readonly emptyClasses: 'skip';
  /**
   * How classes are divided into head, medium and tail: as published lists of classes, or by their number of training
   * images. Unseen classes are marked in the class list.
   */
  readonly groups: { readonly lists: FrequencyGroups } | { readonly counts: FrequencyGroupsOptions };
}

/** The protocol of multi-label data sets. */
export const multiLabelProtocol: Protocol = {
  labels: 'multi',
  emptyClasses: 'skip',
  groups: { counts: {} },
};

/** The protocol of data sets with one label per image. */
export const singleLabelProtocol: Protocol = {
  labels: 'single',
  emptyClasses: 'skip',
  groups: { counts: {} },
};

/**
 * The protocol of long-tailed data sets with one label per image. Head classes have at least 101 training images and
 * tail classes fewer than 20, as usual in this literature.
 */
export const longTailedProtocol: Protocol = {
  ...singleLabelProtocol,
  groups: { counts: { headFrom: 101, tailBelow: 20 } },
};

/** A data set: its classes, its images by split, and how scores on it are evaluated. */
export interface DataSet {
  /** Name without version, e.g. `digits-lt`. */
  readonly name: string;
  /** Version of content that never changes, e.g. `1`; null if the content may change. */
  readonly version: string | null;
  /** The classes, in index order. */
  readonly classes: ClassList;
  /** The splits, by their purpose. */
  readonly splits: {
    /** Training images. If the labels have fewer columns than there are classes, the columns are the first classes. */
    readonly train: LabelledPictures;
    /** Images for model selection; if left out, some training images are held out. */
    readonly validation?: LabelledPictures;
    /** Images that are scored once, at the end. */
    readonly test?: LabelledPictures;
  };
  /** How scores are evaluated. */
  readonly protocol: Protocol;
}

/** A class list from names only: identifiers equal the names, and all classes are seen. */
export function classList(names: readonly string[]): ClassList {
  return names.map((name) => ({ name, id: name, seen: true }));
}

/**
 * The head, medium and tail classes of a protocol.
 *
 * @param classCounts [C] number of training images with each class
 * @throws DataError on a list with a class that does not exist, or that is also in another list
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
