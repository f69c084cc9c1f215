import { checkOptionNames, ShapeError } from '@ltml/tensor';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { type AveragePrecisionOptions, averagePrecision } from './average-precision.ts';
import type { Scores } from './scores.ts';

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

/** A table of the classes in index order: name, n, group, positives and average precision. */
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
  const perClass = averagePrecision(scores, averageOptions);
  const positives = positivesPerClass(scores);
  return classes.map((name, index) => ({
    index,
    name,
    trainCount: classCounts[index],
    group: groups.head.includes(index) ? 'head' : groups.tail.includes(index) ? 'tail' : 'medium',
    positives: positives[index],
    averagePrecision: perClass[index],
  }));
}

/** Known positives of each class, [C]. */
export function positivesPerClass({ rows, columns, present, known }: Scores): Int32Array {
  const counts = new Int32Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, at++) counts[c] += present[at] & (known?.[at] ?? 1);
  }
  return counts;
}
