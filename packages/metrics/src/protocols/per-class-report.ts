import { checkNumber, checkOptionNames, ShapeError } from '@ltml/tensor';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { type AveragePrecisionOptions, averagePrecision } from '../ranking/average-precision.ts';

/** One class of a report. */
export interface ClassReport {
  readonly index: number;
  readonly name: string;
  /** n, the training images of the class. */
  readonly trainCount: number;
  readonly group: 'head' | 'medium' | 'tail';
  /** Known positives in the evaluated set. */
  readonly positives: number;
  /** A fraction; NaN where it was skipped. */
  readonly averagePrecision: number;
}

export interface PerClassReportOptions extends AveragePrecisionOptions {
  /** Class names, in index order. */
  readonly classes: readonly string[];
  /** [C] training images of each class. */
  readonly classCounts: readonly number[];
  /** Default: the published borders, head from 100 images, tail below 20. */
  readonly groups?: FrequencyGroups;
}

/**
 * A table of the classes in index order: name, n, group, positives and average precision.
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

/** Known positives of each class, [C]. @throws ShapeError, DataError */
export function positivesPerClass(scores: Scores): Int32Array {
  checkScores('positivesPerClass', scores);
  const { rows, columns, present, known } = scores;
  const counts = new Int32Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, at++) counts[c] += present[at] & (known?.[at] ?? 1);
  }
  return counts;
}
