import { checkCount, checkNumber, type RandomStream } from '@ltml/tensor';
import { checkFunction } from '../core/check-function.ts';

export interface BootstrapOptions {
  readonly random: RandomStream;
  /** Default 1000. */
  readonly resamples?: number;
  /** Probability that the interval covers, in (0, 1); default 0.95. */
  readonly confidence?: number;
  /** Called after each resample. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Names of {@link BootstrapOptions}, for functions that take more. */
export const bootstrapOptionNames: readonly string[] = ['random', 'resamples', 'confidence', 'onProgress'];

/** In the unit of what is compared. */
export interface BootstrapInterval {
  /** The second set's value minus the first's, on all images. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile intervals of any statistics, over images drawn with replacement.
 *
 * @param where function to name in errors
 * @param images N
 * @param statistics values, always of the same names, where image i counts `times[i]` times; NaN where one is undefined,
 *   which leaves that resample out of its interval
 * @returns an interval for each name; NaN if it is never defined, as without images
 * @throws OptionError
 */
export function bootstrapIntervals(
  where: string,
  images: number,
  statistics: (times: Int32Array) => Readonly<Record<string, number>>,
  { random, resamples = 1000, confidence = 0.95, onProgress }: BootstrapOptions,
): Record<string, BootstrapInterval> {
  checkCount(where, 'options.resamples', resamples);
  checkNumber(where, 'options.confidence', confidence, { above: 0, below: 1 });
  checkFunction(where, 'options.onProgress', onProgress);
  const observed = Object.entries(statistics(new Int32Array(images).fill(1)));
  const drawn = observed.map(() => new Float64Array(resamples));
  const times = new Int32Array(images);
  for (let resample = 0; resample < resamples; resample++) {
    times.fill(0);
    for (let i = 0; i < images; i++) times[random.integer(images)]++;
    const values = statistics(times);
    for (const [i, [name]] of observed.entries()) drawn[i][resample] = values[name];
    onProgress?.(resample + 1, resamples);
  }
  return Object.fromEntries(
    observed.map(([name, difference], i) => {
      const ascending = drawn[i].filter((value) => !Number.isNaN(value)).sort();
      const [low, high] = [1 - confidence, 1 + confidence].map((twice) => quantile(ascending, twice / 2));
      return [name, { difference, low, high }];
    }),
  );
}

/** Quantile of ascending values, linear between neighbours; NaN of none. */
function quantile(ascending: Float64Array, fraction: number): number {
  const place = fraction * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  return low + (place - below) * (high - low);
}
