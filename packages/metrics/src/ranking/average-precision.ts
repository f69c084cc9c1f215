import { checkChoice, checkOptionNames } from '@ltml/tensor';
import { checkIndices } from '@ltml/tensor/labels';
import { checkFunction } from '../core/check-function.ts';
import { classColumns } from '../core/class-columns.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { type RankingCurve, rankingCurve } from './ranking-curve.ts';

/**
 * A definition of average precision: computes a fraction from the ranking of a class that has at least one positive.
 */
export type AveragePrecisionRule = (curve: RankingCurve) => number;

/**
 * AP = Σₙ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds, not interpolated: equals scikit-learn's `average_precision_score`.
 *
 * Without ties it is the mean, over the positives, of the precision at their rank.
 */
export function nonInterpolated({ positives, truePositives, retrieved }: RankingCurve): number {
  let sum = 0;
  for (let point = 0, before = 0; point < retrieved.length; before = truePositives[point++]) {
    sum += ((truePositives[point] - before) * truePositives[point]) / retrieved[point];
  }
  return sum / positives;
}

/**
 * AP under the envelope of precision, Pₙ ← max of Pₘ over m ≥ n: VOC's all-point AP since 2010, which SARB (AAAI 2022)
 * reports.
 */
export function interpolated({ positives, truePositives, retrieved }: RankingCurve): number {
  let sum = 0;
  let envelope = 0;
  for (let point = retrieved.length - 1; point >= 0; point--) {
    envelope = Math.max(envelope, truePositives[point] / retrieved[point]);
    sum += (truePositives[point] - (truePositives[point - 1] ?? 0)) * envelope;
  }
  return sum / positives;
}

/** VOC 2007's 11-point AP: the mean of the highest precision at a recall of at least 0, 0.1, …, 1. */
export function elevenPoint({ positives, truePositives, retrieved }: RankingCurve): number {
  let sum = 0;
  let envelope = 0;
  let point = retrieved.length - 1;
  for (let tenths = 10; tenths >= 0; tenths--) {
    // Compared as whole numbers: 3 of 10 positives are a recall of 0.3, although 3 · 0.1 is not 0.3 in binary.
    for (; point >= 0 && truePositives[point] * 10 >= tenths * positives; point--) {
      envelope = Math.max(envelope, truePositives[point] / retrieved[point]);
    }
    sum += envelope;
  }
  return sum / 11;
}

/** AP as in the released code of ASL: the sum of {@link nonInterpolated} divided by P + 1e-8 instead of P. */
export function nonInterpolatedAsl(curve: RankingCurve): number {
  return (nonInterpolated(curve) * curve.positives) / (curve.positives + 1e-8);
}

/** Options of {@link averagePrecision}. */
export interface AveragePrecisionOptions {
  /** The definition of AP; default {@link nonInterpolated}. */
  readonly rule?: AveragePrecisionRule;
  /**
   * What a class without known positives gets. `zero`, the default, gives AP 0, which counts in every mean (as
   * scikit-learn since 1.1 and MKT). `skip` gives NaN, which means leave out (as we understand CPRFL and SARB).
   */
  readonly emptyClasses?: 'zero' | 'skip';
}

/**
 * Average precision of each class, over the images whose label of it is known.
 *
 * @returns [C] fractions
 * @throws ShapeError, DataError on NaN or labels other than 0 and 1; OptionError
 * Edge cases: without images no class has positives. If all scores are equal, AP is the share of positives. For a class
 * without known positives see `emptyClasses`.
 */
export function averagePrecision(scores: Scores, options: AveragePrecisionOptions = {}): Float64Array {
  checkOptionNames('averagePrecision', options, ['rule', 'emptyClasses']);
  checkScores('averagePrecision', scores);
  const { rule = nonInterpolated, emptyClasses = 'zero' } = options;
  checkFunction('averagePrecision', 'options.rule', rule);
  checkChoice('averagePrecision', 'options.emptyClasses', emptyClasses, ['zero', 'skip']);
  const result = new Float64Array(scores.columns);
  for (const column of classColumns(scores)) {
    const curve = rankingCurve(column.scores, column.present);
    if (curve.positives > 0) result[column.index] = rule(curve);
    else result[column.index] = emptyClasses === 'zero' ? 0 : Number.NaN;
  }
  return result;
}

/**
 * mAP: the mean of the classes' average precision. The total averages over classes, not over groups.
 *
 * @param perClass [C] as {@link averagePrecision} returns it; NaN is left out
 * @param classes indices of the classes to average over; default all
 * @returns a fraction; NaN if no class is left
 * @throws DataError on a class that does not exist
 */
export function meanAveragePrecision(perClass: ArrayLike<number>, classes?: readonly number[]): number {
  if (classes) checkIndices('meanAveragePrecision', 'classes', classes, perClass.length);
  const chosen = classes ? classes.map((c) => perClass[c]) : Array.from(perClass);
  const counted = chosen.filter((value) => !Number.isNaN(value));
  return counted.reduce((sum, value) => sum + value, 0) / counted.length;
}
