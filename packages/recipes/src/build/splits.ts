import type { Task } from '@ltml/tensor/contract';
import { classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { datasets, type ImageSet, type ValidationConfig } from '../parts/datasets.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';
import { holdOut } from './hold-out.ts';

/** The images that a recipe names, by what they are for. */
export interface Splits {
  readonly train: ImageSet;
  /** What epochs are compared by: held out of training, or the test images if the recipe says so; null without. */
  readonly validation: ImageSet | null;
  readonly test: ImageSet;
  /** [C] training images of each class, those that are held out included. */
  readonly classCounts: readonly number[];
  /** By `classCounts`, so that they do not depend on what is held out. */
  readonly groups: FrequencyGroups;
}

/** @throws EntryError if epochs are to be compared by what is not there */
export async function splitsOf({ data, evaluation }: Recipe): Promise<Splits> {
  const { train, test } = await datasets.create(data, undefined);
  const { classCounts } = classStatistics(train.labels);
  const groups = frequencyGroups(classCounts);
  const all = { test, classCounts, groups };
  if (evaluation.select) checkMetric(evaluation.select.metric, groups);
  if (evaluation.selection === 'published') return { train, validation: test, ...all };
  if (!data.validation) return { train, validation: null, ...all };
  const { train: kept, validation } = holdOut(train, data.validation as ValidationConfig);
  if (validation.labels.rows > 0) return { train: kept, validation, ...all };
  if (!evaluation.select) return { train: kept, validation: null, ...all };
  throw new EntryError('no image is held out to select by: raise data.validation.share', 'evaluation.select');
}

/** What a learner may know of the images that it is trained on. */
export function taskOf({ classes, labels }: ImageSet): Task {
  return { classes, statistics: classStatistics(labels, { classNames: classes }) };
}

function checkMetric(metric: string, groups: FrequencyGroups): void {
  const occupied = Object.entries(groups).filter(([, classes]: [string, readonly number[]]) => classes.length > 0);
  const names = ['mAP', ...occupied.map(([group]) => `mAP/${group}`)];
  if (names.includes(metric)) return;
  const message = `"${metric}" is of no class of this data set; there are ${names.join(', ')}`;
  throw new EntryError(message, 'evaluation.select.metric');
}
