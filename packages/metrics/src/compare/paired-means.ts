import { checkOptionNames, DataError, ShapeError } from '@ltml/tensor';
import { checkGroups } from '../core/check-groups.ts';
import {
  type BootstrapInterval,
  type BootstrapOptions,
  bootstrapIntervals,
  bootstrapOptionNames,
} from './bootstrap.ts';

/** Options of {@link pairedMeansBootstrap}. */
export interface PairedMeansOptions extends BootstrapOptions {
  /** Row indices of the images to average over, by the name of the result; default all images as `total`. */
  readonly groups?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Percentile bootstrap interval for the difference in a measure that is a mean over images. Examples: top-1 accuracy (1
 * for a correct image, 0 for a wrong one) and mean cross-entropy. Both sets get the same resamples.
 *
 * The size of a group varies between resamples. A resample that contains none of its images is left out of its
 * interval.
 *
 * @param first [N] a value for each image
 * @param second [N] the values of the other set for the same images
 * @returns an interval for each of `groups`, in the unit of the values; NaN for a group without images
 * @throws ShapeError unless both have the same length; DataError on NaN or a row index that does not exist; OptionError
 */
export function pairedMeansBootstrap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: PairedMeansOptions,
): Record<string, BootstrapInterval> {
  const where = 'pairedMeansBootstrap';
  checkOptionNames(where, options, ['groups', ...bootstrapOptionNames]);
  const { groups = { total: Array.from({ length: first.length }, (_, i) => i) }, ...bootstrap } = options;
  checkValues(where, first, second);
  checkGroups(where, 'options.groups', groups, first.length);
  const gains = Float64Array.from(first, (value, i) => second[i] - value);
  const meanGains = (times: Int32Array): Record<string, number> =>
    Object.fromEntries(Object.entries(groups).map(([name, rows]) => [name, weightedMean(gains, rows, times)]));
  return bootstrapIntervals(where, first.length, meanGains, bootstrap);
}

/** The weighted mean; NaN if no row counts. */
function weightedMean(values: Float64Array, rows: readonly number[], times: Int32Array): number {
  let sum = 0;
  let count = 0;
  for (const row of rows) {
    sum += times[row] * values[row];
    count += times[row];
  }
  return sum / count;
}

function checkValues(where: string, first: ArrayLike<number>, second: ArrayLike<number>): void {
  if (first.length !== second.length) {
    const expected = `[N] = [${first.length}], the shape of first`;
    throw new ShapeError({ where, argument: 'second', expected, received: `[${second.length}]` });
  }
  for (const [argument, values] of Object.entries({ first, second })) {
    const row = Array.from(values).findIndex((value) => !Number.isFinite(value));
    if (row >= 0)
      throw new DataError({ where, argument, expected: 'finite', received: `${values[row]} at row ${row}` });
  }
}
