import { checkNumber, checkOptionNames, ShapeError } from '@ltml/tensor';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { type AveragePrecisionOptions, averagePrecision } from '../ranking/average-precision.ts';

/** One row of the report: one class. */
export interface ClassReport {
  /** Index of the class. */
  readonly index: number;
  /** Name of the class. */
  readonly name: string;
  /** n, the number of training images with the class. */
  readonly trainCount: number;
  /** The frequency group of the class. */
  readonly group: 'head' | 'medium' | 'tail';
  /** Number of known positives in the evaluated images. */
  readonly positives: number;
  /** A fraction; NaN if the class was skipped. */
  readonly averagePrecision: number;
}

/** Options of {@link perClassReport}. */
export interface PerClassReportOptions extends AveragePrecisionOptions {
  /** [C] class names, in index order. */
  readonly classes: readonly string[];
  /** [C] number of training images with each class. */
  readonly classCounts: readonly number[];
  /** Frequency groups; default the published borders: head from 100 images, tail below 20. */
  readonly groups?: FrequencyGroups;
}

/**
 * A table with one row per class, in index order: name, n, group, positives and average precision.
 *
 * @throws ShapeError, DataError; OptionError
 */
export function perClassReport(scores: Scores, options: PerClassReportOptions): ClassReport[] {
  checkOptionNames('perClassReport', options, ['classes', 'classCounts', 'groups', 'rule', 'emptyClasses']);
  const { classes, classCounts, groups = frequencyGroups(classCounts), ...averageOptions } = options;
  for (const [argument, list] of Object.entries({ classes, classCounts })) {
    if (list.length === scores.columns) continue;
    throw new ShapeError({
      where: 'perClassReport',
      argument: `options.${argument}`,
      expected: `[C] = [${scores.columns}], to fit scores`,
      received: `[${list.length}]`,
    });
  }
  for (const [c, count] of classCounts.entries()) {
    checkNumber('perClassReport', `options.classCounts[${c}]`, count, { min: 0 });
  }
  checkGroups('perClassReport', 'options.groups', groups, scores.columns);
  const [head, tail] = [new Set(groups.head), new Set(groups.tail)];
  const perClass = averagePrecision(scores, averageOptions);
  const positives = positivesPerClass(scores);
  return classes.map((name, index) => ({
    index,
    name,
    trainCount: classCounts[index],
    group: head.has(index) ? 'head' : tail.has(index) ? 'tail' : 'medium',
    positives: positives[index],
    averagePrecision: perClass[index],
  }));
}

/** [C] number of known positives of each class. @throws ShapeError, DataError */
export function positivesPerClass(scores: Scores): Int32Array {
  checkScores('positivesPerClass', scores);
  const { rows, columns, present, known } = scores;
  const counts = new Int32Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, at++) counts[c] += present[at] & (known?.[at] ?? 1);
  }
  return counts;
}
