import { checkChoice, checkFlag, checkOptionNames } from '@ltml/tensor';
import { checkIndices } from '@ltml/tensor/labels';
import { checkCounts } from '../core/check-counts.ts';
import type { PredictionCounts } from './predictions.ts';

/** Precision, recall and F1 over all labels (OP, OR, OF1) and averaged over classes (CP, CR, CF1); fractions. */
export interface PrecisionRecall {
  /** OP = Σ N_c^c / Σ N_c^p */
  readonly overallPrecision: number;
  /** OR = Σ N_c^c / Σ N_c^g */
  readonly overallRecall: number;
  /** OF1, the harmonic mean of OP and OR. */
  readonly overallF1: number;
  /** CP = mean over classes of N_c^c / N_c^p; a class that is never predicted counts as 0. */
  readonly classPrecision: number;
  /** CR = mean over classes of N_c^c / N_c^g */
  readonly classRecall: number;
  /** CF1, the harmonic mean of CP and CR. It is not the mean of the class F1; for that see `f1Report`. */
  readonly classF1: number;
}

/** Options of {@link precisionRecall}. */
export interface PrecisionRecallOptions {
  /** Indices of the classes to report on; default all. */
  readonly classes?: readonly number[];
  /**
   * What a class without positives does. `skip`, the default, leaves it out of CP and CR. `zero` counts a recall of 0.
   * `nan` makes CR and CF1 NaN, like the 0/0 in the released codes.
   */
  readonly emptyClasses?: 'skip' | 'zero' | 'nan';
  /** Counts a class that is never predicted as one prediction in OP, as the released codes do; default false. */
  readonly neverPredictedCountsOnce?: boolean;
}

/**
 * Precision, recall and F1 over all labels and over classes, from the counts of `countPredictions`.
 *
 * @throws ShapeError, DataError on invalid counts or a class that does not exist; OptionError
 *
 * Edge cases: 0/0 is 0, except with `emptyClasses: 'nan'`. If no class is left, the class means are NaN.
 * Source: SARB (AAAI 2022) and CPRFL (ACM MM 2024) report these; `neverPredictedCountsOnce` with `nan` equals their
 * code.
 */
export function precisionRecall(counts: PredictionCounts, options: PrecisionRecallOptions = {}): PrecisionRecall {
  checkOptionNames('precisionRecall', options, ['classes', 'emptyClasses', 'neverPredictedCountsOnce']);
  checkCounts('precisionRecall', counts);
  const { classes = Array.from(counts.present.keys()), emptyClasses = 'skip' } = options;
  const { neverPredictedCountsOnce = false } = options;
  checkIndices('precisionRecall', 'options.classes', classes, counts.present.length);
  checkChoice('precisionRecall', 'options.emptyClasses', emptyClasses, ['skip', 'zero', 'nan']);
  checkFlag('precisionRecall', 'options.neverPredictedCountsOnce', neverPredictedCountsOnce);
  const { correct, predicted, present } = counts;
  const atLeast = neverPredictedCountsOnce ? 1 : 0;
  const totalCorrect = sum(classes, (c) => correct[c]);
  const overallPrecision = ratio(
    totalCorrect,
    sum(classes, (c) => Math.max(predicted[c], atLeast)),
  );
  const overallRecall = ratio(
    totalCorrect,
    sum(classes, (c) => present[c]),
  );
  const counted = emptyClasses === 'skip' ? classes.filter((c) => present[c] > 0) : classes;
  const classPrecision = sum(counted, (c) => ratio(correct[c], predicted[c])) / counted.length;
  const recallOf =
    emptyClasses === 'nan' ? (c: number) => correct[c] / present[c] : (c: number) => ratio(correct[c], present[c]);
  const classRecall = sum(counted, recallOf) / counted.length;
  return {
    overallPrecision,
    overallRecall,
    overallF1: harmonicMean(overallPrecision, overallRecall),
    classPrecision,
    classRecall,
    classF1: harmonicMean(classPrecision, classRecall),
  };
}

/** 2ab/(a + b); 0 if both are 0. */
export function harmonicMean(a: number, b: number): number {
  return ratio(2 * a * b, a + b);
}

/** a/b; 0 if both are 0. */
export function ratio(a: number, b: number): number {
  return a === 0 && b === 0 ? 0 : a / b;
}

function sum(classes: readonly number[], value: (c: number) => number): number {
  return classes.reduce((total, c) => total + value(c), 0);
}
