import { checkNumber, ShapeError } from '@ltml/tensor';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { checkGroups } from '../core/check-groups.ts';
import { meanAveragePrecision } from './average-precision.ts';

/** How much one run improves average precision. */
export interface ApIncrement {
  /** [C] difference to the previous run, in the order of {@link ApIncrements.order}. */
  readonly versusPrevious: Float64Array;
  /** [C] difference to the first run, in the same order. */
  readonly versusFirst: Float64Array;
  /** Means of `versusPrevious` over classes; a class whose AP is NaN in one of the two runs is left out. */
  readonly mean: Readonly<Record<'total' | keyof FrequencyGroups, number>>;
}

/** The result of {@link apIncrements}. */
export interface ApIncrements {
  /** [C] class indices by falling training frequency; of equal ones the lower index first. */
  readonly order: readonly number[];
  /** One entry for each run after the first. */
  readonly steps: readonly ApIncrement[];
}

/**
 * How average precision changes along a sequence of runs, e.g. ERM → +RS → +R-BCE → +NTR → +Focal.
 *
 * @param runs [runs][C] average precision of each run
 * @param classCounts [C] number of training images with each class
 * @param groups frequency groups; default the published borders
 * @throws ShapeError if a run has another number of classes; OptionError, DataError
 */
export function apIncrements(
  runs: readonly ArrayLike<number>[],
  classCounts: readonly number[],
  groups: FrequencyGroups = frequencyGroups(classCounts),
): ApIncrements {
  for (const [c, count] of classCounts.entries()) checkNumber('apIncrements', `classCounts[${c}]`, count, { min: 0 });
  checkGroups('apIncrements', 'groups', groups, classCounts.length);
  const stray = runs.findIndex(({ length }) => length !== classCounts.length);
  if (stray >= 0) {
    throw new ShapeError({
      where: 'apIncrements',
      argument: `runs[${stray}]`,
      expected: `[C] = [${classCounts.length}], to fit classCounts`,
      received: `[${runs[stray].length}]`,
    });
  }
  const order = Array.from(classCounts.keys()).sort((a, b) => classCounts[b] - classCounts[a] || a - b);
  const steps = runs.slice(1).map((run, i) => {
    const gain = classCounts.map((_, c) => run[c] - runs[i][c]);
    return {
      versusPrevious: Float64Array.from(order, (c) => gain[c]),
      versusFirst: Float64Array.from(order, (c) => run[c] - runs[0][c]),
      mean: {
        total: meanAveragePrecision(gain),
        head: meanAveragePrecision(gain, groups.head),
        medium: meanAveragePrecision(gain, groups.medium),
        tail: meanAveragePrecision(gain, groups.tail),
      },
    };
  });
  return { order, steps };
}
