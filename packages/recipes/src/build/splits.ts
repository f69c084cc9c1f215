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

/** The images that a recipe names, by what they are for. */
export interface Splits {
  readonly train: ImageSet;
  /** What epochs are compared by: held out of training, or the test images if the recipe says so; null without. */
  readonly validation: ImageSet | null;
  /** Whether the data set has validation images of its own, so that none are held out. */
  readonly ownValidation: boolean;
  /** What is scored at the end; of a data set without test images those of validation. */
  readonly test: ImageSet;
  /** All of the data set, those of training first. */
  readonly classes: ClassList;
  /** [C] training images of each class, those that are held out included. */
  readonly classCounts: readonly number[];
  /** As the protocol has them; counts are `classCounts`, so that they do not depend on what is held out. */
  readonly groups: FrequencyGroups;
  readonly protocol: Protocol;
}

/** @throws EntryError if epochs are to be compared, or the run scored, by what is not there */
export async function splitsOf(
  { seed, data, evaluation }: Pick<Recipe, 'seed' | 'data' | 'evaluation'>,
  files: DataFiles,
): Promise<Splits> {
  const dataSet = await datasets.create(withSeed(data, seed), files);
  const whole = imageSetOf(dataSet, dataSet.splits.train);
  const { classCounts } = classStatistics(whole.labels);
  const { protocol } = dataSet;
  const groups = classGroups(protocol, classCounts);
  if (evaluation.select) checkMetric(evaluation.select.metric, groups, protocol);
  const given = dataSet.splits.test && imageSetOf(dataSet, dataSet.splits.test);
  const { train, validation } =
    evaluation.selection === 'published' ? published(whole, given) : chosen(dataSet, whole, data);
  if (!validation && evaluation.select) {
    throw new EntryError('no image is held out to select by: raise data.validation.share', 'evaluation.select');
  }
  const test = given ?? validation;
  if (!test) throw new EntryError('no test images, and none are held out: set data.validation', 'data');
  const ownValidation = dataSet.splits.validation !== undefined;
  const { classes } = dataSet;
  return { train, validation, ownValidation, test, classes, classCounts, groups, protocol };
}

/** Which labels are forgotten, the seed of the run says unless the data set says one. */
export function withSeed(data: NamedPart, seed: number): NamedPart {
  const { knownLabels } = data;
  return isObject(knownLabels) ? { ...data, knownLabels: { ...knownLabels, seed: knownLabels.seed ?? seed } } : data;
}

type Compared = Pick<Splits, 'train' | 'validation'>;

/** Epochs are compared by the test images. */
function published(train: ImageSet, test: ImageSet | undefined): Compared {
  if (test) return { train, validation: test };
  throw new EntryError('published: the data set has no test images', 'evaluation.selection');
}

/** Epochs are compared by the data set's own validation images, or by those that are held out of train. */
function chosen(dataSet: DataSet, train: ImageSet, { validation: config }: NamedPart): Compared {
  const own = dataSet.splits.validation;
  if (own) return { train, validation: imageSetOf(dataSet, own) };
  if (!config) return { train, validation: null };
  const { train: kept, validation } = holdOut(train, config as ValidationConfig);
  return { train: kept, validation: validation.labels.rows > 0 ? validation : null };
}

/** What a learner may know of the images that it is trained on. */
export function taskOf({ classes, labels }: ImageSet): Task {
  return { classes, statistics: classStatistics(labels, { classNames: classes }) };
}

function checkMetric(metric: string, groups: FrequencyGroups, { metrics }: Protocol): void {
  const occupied = Object.entries(groups).filter(([, classes]: [string, readonly number[]]) => classes.length > 0);
  const names = ['mAP', ...occupied.map(([group]) => `mAP/${group}`), ...metrics.filter((name) => name !== 'mAP')];
  if (names.includes(metric)) return;
  const message = `"${metric}" is of no class of this data set; there are ${names.join(', ')}`;
  throw new EntryError(message, 'evaluation.select.metric');
}

/**
 * Refuses images with several classes, or none, for what learns one class an image.
 *
 * @param name of the method or the loss
 * @throws EntryError
 */
export function checkSingleLabels(name: string, { classes, labels }: Pick<ImageSet, 'classes' | 'labels'>): void {
  const refuse = (images: string): never => {
    throw new EntryError(
      `${name} learns one class an image, and ${images}: name a data set of one label an image`,
      'data',
    );
  };
  let without = 0;
  for (let row = 0; row < labels.rows; row++) {
    const { present } = labels.row(row);
    if (present.length > 1) refuse(`some show both ${classes[present[0]]} and ${classes[present[1]]}`);
    if (present.length === 0) without++;
  }
  if (without > 0) refuse(`${without} show none`);
}
