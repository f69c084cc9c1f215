import { type ClassList, classGroups, type DataSet, type Protocol } from '@ltml/data';
import type { Task } from '@ltml/tensor/contract';
import { classStatistics, type FrequencyGroups } from '@ltml/tensor/labels';
import { datasets, type ValidationConfig } from '../parts/datasets.ts';
import type { DataFiles } from '../parts/file-data-sets.ts';
import type { NamedPart } from '../parts/part.ts';
import { isObject } from '../recipe/merge.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';
import { holdOut } from './hold-out.ts';
import { type ImageSet, imageSetOf } from './image-set.ts';

/** The splits of a recipe's data set. */
export interface Splits {
  /** Training images, without held-out ones. */
  readonly train: ImageSet;
  /**
   * Images that epochs are compared on: held out from training, or the test images if the recipe says so. Null if there
   * are none.
   */
  readonly validation: ImageSet | null;
  /** Whether the data set has its own validation images, so that none are held out. */
  readonly ownValidation: boolean;
  /** Images that are scored at the end; the validation images if the data set has no test images. */
  readonly test: ImageSet;
  /** All classes of the data set; the training classes come first. */
  readonly classes: ClassList;
  /** [C] training images per class, including held-out ones. */
  readonly classCounts: readonly number[];
  /** Head, medium and tail by the protocol. They use `classCounts`, so held-out images do not change them. */
  readonly groups: FrequencyGroups;
  /** The data set's protocol: groups of classes, kind of labels. */
  readonly protocol: Protocol;
}

/** Makes the splits. @throws EntryError if the images to select by, or to score, are missing */
export async function splitsOf(
  { seed, data, evaluation }: Pick<Recipe, 'seed' | 'data' | 'evaluation'>,
  files: DataFiles,
): Promise<Splits> {
  const dataSet = await datasets.create(withSeed(data, seed), files);
  const whole = imageSetOf(dataSet, dataSet.splits.train);
  const { classCounts } = classStatistics(whole.labels);
  const { protocol } = dataSet;
  const groups = classGroups(protocol, classCounts);
  const given = dataSet.splits.test && imageSetOf(dataSet, dataSet.splits.test);
  const { train, validation } =
    evaluation.selection === 'published' ? published(whole, given) : chosen(dataSet, whole, data);
  if (!validation && evaluation.select) {
    throw new EntryError('no image is held out to select by; raise data.validation.share', 'evaluation.select');
  }
  const test = given ?? validation;
  if (!test) throw new EntryError('no test images and no held-out images; set data.validation', 'data');
  const ownValidation = dataSet.splits.validation !== undefined;
  const { classes } = dataSet;
  return { train, validation, ownValidation, test, classes, classCounts, groups, protocol };
}

/** Gives `knownLabels` the seed of the run, unless the recipe sets one. The seed decides which labels are unknown. */
export function withSeed(data: NamedPart, seed: number): NamedPart {
  const { knownLabels } = data;
  return isObject(knownLabels) ? { ...data, knownLabels: { ...knownLabels, seed: knownLabels.seed ?? seed } } : data;
}

type Compared = Pick<Splits, 'train' | 'validation'>;

/** Epochs are compared on the test images. */
function published(train: ImageSet, test: ImageSet | undefined): Compared {
  if (test) return { train, validation: test };
  throw new EntryError('published: the data set has no test images', 'evaluation.selection');
}

/** Epochs are compared on the data set's own validation images, or on images held out from training. */
function chosen(dataSet: DataSet, train: ImageSet, { validation: config }: NamedPart): Compared {
  const own = dataSet.splits.validation;
  if (own) return { train, validation: imageSetOf(dataSet, own) };
  if (!config) return { train, validation: null };
  const { train: kept, validation } = holdOut(train, config as ValidationConfig);
  return { train: kept, validation: validation.labels.rows > 0 ? validation : null };
}

/** What a learner may know about its training images: classes and label statistics. */
export function taskOf({ classes, labels }: ImageSet): Task {
  return { classes, statistics: classStatistics(labels, { classNames: classes }) };
}

/**
 * Rejects images with several classes, or none, for a method or loss that needs exactly one class per image.
 *
 * @param name of the method or the loss
 * @throws EntryError
 */
export function checkSingleLabels(name: string, { classes, labels }: Pick<ImageSet, 'classes' | 'labels'>): void {
  const refuse = (images: string): never => {
    throw new EntryError(`${name} needs one class per image, but ${images}; use a single-label data set`, 'data');
  };
  let without = 0;
  for (let row = 0; row < labels.rows; row++) {
    const { present } = labels.row(row);
    if (present.length > 1) refuse(`some show both ${classes[present[0]]} and ${classes[present[1]]}`);
    if (present.length === 0) without++;
  }
  if (without > 0) refuse(`${without} show no class`);
}
