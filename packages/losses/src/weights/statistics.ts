import { checkFlag, checkNumber, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import type { ClassStatistics } from '@ltml/tensor/labels';

/** The part of {@link ClassStatistics} that losses read: N and the n_i of the training set. They may be estimates. */
export type ClassFrequencies = Pick<ClassStatistics, 'trainCount' | 'classCounts' | 'classNames'>;

/** How class counts at the edge of the allowed range are treated. */
export interface FrequencyOptions {
  /** Replaces n_i outside the allowed range by the nearest bound instead of refusing it; default false. */
  readonly clampCounts?: boolean;
}

/**
 * The checked n_i.
 *
 * @param where the public function to name in errors
 * @param classes C, the number of classes that the statistics must have
 * @param largest the largest n_i that the formula allows: N, or N − 1 where log(N/n − 1) must be finite
 * @throws OptionError if the statistics have another number of classes, or N is not a number from 1 on
 * @throws DataError naming the first class whose n_i is out of bounds
 */
export function checkedCounts(
  where: string,
  statistics: ClassFrequencies,
  classes: number,
  largest: 'N' | 'N − 1',
  { clampCounts = false }: FrequencyOptions = {},
): number[] {
  const { trainCount: N, classCounts, classNames } = statistics;
  checkFlag(where, 'options.clampCounts', clampCounts);
  if (classCounts.length !== classes || !(N >= 1 && Number.isFinite(N))) {
    throw new OptionError({
      where,
      argument: 'statistics',
      expected: `counts of C = ${classes} classes in N ≥ 1 training images`,
      received: `${classCounts.length} classes in ${N} images`,
      hint: 'Call classStatistics on the training labels',
    });
  }
  const high = largest === 'N' ? N : N - 1;
  const bad = classCounts.findIndex((n) => (clampCounts ? Number.isNaN(n) : !(n >= 1 && n <= high)));
  if (bad >= 0) {
    const name = classNames?.[bad];
    throw new DataError({
      where,
      argument: `statistics.classCounts[${bad}]${name === undefined ? '' : `, of class ${JSON.stringify(name)},`}`,
      expected: `in [1, ${high}], because 1/n and log(N/n − 1) must be finite`,
      received: `${classCounts[bad]}`,
      hint: 'Remove classes that no image or every image is known to have, or set clampCounts',
    });
  }
  return clampCounts ? classCounts.map((n) => Math.min(Math.max(n, 1), Math.max(N - 1, 1))) : [...classCounts];
}

/**
 * π = n/Σ n, for formulas that allow classes without images.
 *
 * @param where the public function to name in errors
 * @throws OptionError if the statistics have another number of classes
 * @throws DataError naming the first n_i that is not a number from 0 on, or if every n_i is 0
 */
export function classShares(where: string, { classCounts, classNames }: ClassFrequencies, classes: number): number[] {
  if (classCounts.length !== classes) {
    throw new OptionError({
      where,
      argument: 'statistics',
      expected: `counts of C = ${classes} classes`,
      received: `${classCounts.length} classes`,
      hint: 'Call classStatistics on the training labels',
    });
  }
  const total = classCounts.reduce((sum, n) => sum + n, 0);
  const bad = classCounts.findIndex((n) => !(n >= 0 && Number.isFinite(n)));
  if (bad >= 0 || (classes > 0 && total === 0)) {
    const name = classNames?.[bad];
    throw new DataError({
      where,
      argument:
        bad < 0
          ? 'statistics'
          : `statistics.classCounts[${bad}]${name === undefined ? '' : `, of class ${JSON.stringify(name)},`}`,
      expected: bad < 0 ? 'of at least one image with a class' : 'a count, 0 or more',
      received: bad < 0 ? 'none' : `${classCounts[bad]}`,
    });
  }
  return classCounts.map((n) => n / total);
}

/**
 * The effective number of samples of a class, (1 − β^n) / (1 − β): 1 for n = 1, at most 1/(1 − β).
 *
 * @param count n ≥ 0; it may be a mean of counts, and infinity gives the limit
 * @param beta β in [0, 1]; at 1 the effective number is n itself
 * @throws OptionError
 * Source: Cui et al., CVPR 2019, Proposition 1. The weights of the class-balanced loss are its inverse.
 */
export function effectiveNumber(count: number, beta: number): number {
  checkNumber('effectiveNumber', 'beta', beta, { min: 0, max: 1 });
  if (count !== Infinity) checkNumber('effectiveNumber', 'count', count, { min: 0 });
  // β^n by exp and log, and 1 − β^n by expm1: the plain difference loses its digits if β is close to 1.
  return beta === 0 ? Math.min(count, 1) : beta === 1 ? count : -Math.expm1(count * Math.log(beta)) / (1 - beta);
}

/** Negative-tolerant regularisation: shifts the logits by class and makes the loss of negatives less steep. */
export interface NegativeTolerance {
  /** κ ≥ 0, the factor of the logit shift; default 0, no shift. Published: 0.05. */
  readonly kappa?: number;
  /** λ > 0, the slope of negatives; default 1, no change. Published: 2 for COCO-MLT, 5 for VOC-MLT. */
  readonly lambda?: number;
  /**
   * Divides κ by λ; default false, as in the paper. The authors' released code and all their released numbers divide.
   * They call it a mistake (issue 8 of their repository).
   */
  readonly kappaDividedByLambda?: boolean;
}

/**
 * The shift ν_i = κ·log(N/n_i − 1) of the negative-tolerant regularisation. The loss subtracts it from the logits.
 *
 * A predictor that knows only the class prior minimises the cross-entropy with the logit −ν_i/κ.
 *
 * @returns [C] in nats; positive for classes that fewer than half of the images have
 * @throws DataError if an n_i is not in [1, N − 1]; OptionError
 * Source: Wu et al., ECCV 2020, section 3.3.
 */
export function negativeTolerantShift(
  statistics: ClassFrequencies,
  options: NegativeTolerance & FrequencyOptions = {},
): number[] {
  const where = 'negativeTolerantShift';
  const { clampCounts = false, ...tolerance } = options;
  checkTolerance(where, 'options', tolerance);
  const { kappa = 0, lambda = 1, kappaDividedByLambda = false } = tolerance;
  const { trainCount: N, classCounts } = statistics;
  const counts = checkedCounts(where, statistics, classCounts.length, 'N − 1', { clampCounts });
  const scale = kappaDividedByLambda ? kappa / lambda : kappa;
  return counts.map((n) => scale * Math.log(N / n - 1));
}

/** @throws OptionError on unknown names and on values out of range */
export function checkTolerance(where: string, argument: string, tolerance: NegativeTolerance): void {
  checkOptionNames(where, tolerance, ['kappa', 'lambda', 'kappaDividedByLambda']);
  const { kappa = 0, lambda = 1, kappaDividedByLambda = false } = tolerance;
  checkNumber(where, `${argument}.kappa`, kappa, { min: 0 });
  checkNumber(where, `${argument}.lambda`, lambda, { above: 0 });
  checkFlag(where, `${argument}.kappaDividedByLambda`, kappaDividedByLambda);
}
