import { checkOptionNames } from '@ltml/tensor';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import type { Scores } from '../core/scores.ts';
import { type AveragePrecisionOptions, averagePrecision, meanAveragePrecision } from '../ranking/average-precision.ts';
import { type Decision, logitAbove } from '../threshold/decision.ts';
import { type F1Report, f1Report } from '../threshold/f1.ts';
import { countPredictions } from '../threshold/predictions.ts';

/** What is reported of a group of classes; fractions. */
export interface SplitScores extends F1Report {
  readonly meanAveragePrecision: number;
}

/** Results of all classes, and of head, medium and tail classes. */
export interface SplitReport {
  readonly total: SplitScores;
  readonly head: SplitScores;
  readonly medium: SplitScores;
  readonly tail: SplitScores;
  /** [C] average precision, NaN for a class that was skipped. */
  readonly averagePrecision: Float64Array;
  /** Classes without known positives, where `emptyClasses` decides. */
  readonly classesWithoutPositives: readonly number[];
}

export interface SplitReportOptions extends AveragePrecisionOptions {
  /** Which scores mean that a class is present, for F1 and accuracy; default `logitAbove(0)`. */
  readonly decide?: Decision;
}

/**
 * mAP, F1 and accuracy of all classes and of the head, the medium and the tail.
 *
 * @param groups see `frequencyGroups` of `@ltml/tensor/labels`; a group without classes gives NaN
 * @throws ShapeError, DataError; OptionError
 */
export function splitReport(scores: Scores, groups: FrequencyGroups, options: SplitReportOptions = {}): SplitReport {
  checkOptionNames('splitReport', options, ['rule', 'emptyClasses', 'decide']);
  const { decide = logitAbove(0), ...averageOptions } = options;
  checkGroups('splitReport', 'groups', groups, scores.columns);
  const perClass = averagePrecision(scores, averageOptions);
  const counts = countPredictions(scores, { decide });
  const classIndices = Array.from(counts.present.keys());
  const report = (classes?: readonly number[]): SplitScores => ({
    meanAveragePrecision: meanAveragePrecision(perClass, classes),
    ...f1Report(counts, classes),
  });
  return {
    total: report(),
    head: report(groups.head),
    medium: report(groups.medium),
    tail: report(groups.tail),
    averagePrecision: perClass,
    classesWithoutPositives: classIndices.filter((c) => counts.present[c] === 0),
  };
}
