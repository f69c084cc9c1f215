import { checkOptionNames } from '@ltml/tensor';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import type { Scores } from '../core/scores.ts';
import { type AveragePrecisionOptions, averagePrecision, meanAveragePrecision } from '../ranking/average-precision.ts';
import { type Decision, logitAbove } from '../threshold/decision.ts';
import { type F1Report, f1Report } from '../threshold/f1.ts';
import { countPredictions } from '../threshold/predictions.ts';

/** Results of a group of classes; fractions. */
export interface SplitScores extends F1Report {
  /** mAP over the classes of the group. */
  readonly meanAveragePrecision: number;
}

/** Results of all classes and of each frequency group. */
export interface SplitReport {
  /** All classes together, not the mean of the groups. */
  readonly total: SplitScores;
  readonly head: SplitScores;
  readonly medium: SplitScores;
  readonly tail: SplitScores;
  /** [C] average precision; NaN for a class that was skipped. */
  readonly averagePrecision: Float64Array;
  /** Indices of the classes without known positives; `emptyClasses` decides about them. */
  readonly classesWithoutPositives: readonly number[];
}

/** Options of {@link splitReport}. */
export interface SplitReportOptions extends AveragePrecisionOptions {
  /** Decides from a score whether the class is present, for F1 and accuracy; default `logitAbove(0)`. */
  readonly decide?: Decision;
}

/**
 * mAP, F1 and accuracy of all classes together and of the head, medium and tail classes.
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
