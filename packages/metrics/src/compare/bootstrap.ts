import { checkCount, checkNumber, type RandomStream } from '@ltml/tensor';
import { checkFunction } from '../core/check-function.ts';

/** Options of the bootstrap functions. */
export interface BootstrapOptions {
  /** The stream from which the resamples are drawn. */
  readonly random: RandomStream;
  /** How often the images are resampled; default 1000. */
  readonly resamples?: number;
  /** Coverage of the interval, in (0, 1); default 0.95. */
  readonly confidence?: number;
  /** Called after each resample. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Names of {@link BootstrapOptions}, for functions that have more options. */
export const bootstrapOptionNames: readonly string[] = ['random', 'resamples', 'confidence', 'onProgress'];

/** A difference and its interval, in the unit of the compared values. */
export interface BootstrapInterval {
  /** The value of the second set minus the value of the first, over all images. */
  readonly difference: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/**
 * Percentile bootstrap intervals of any statistics; images are drawn with replacement.
 *
 * @param where the function to name in errors
 * @param images N
 * @param statistics returns the values when image i counts `times[i]` times, always with the same names. A NaN leaves
 *   that resample out of the value's interval
 * @returns an interval for each name; NaN if the value is never defined, e.g. without images
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

/** The quantile of ascending values, interpolated linearly; NaN if there are none. */
function quantile(ascending: Float64Array, fraction: number): number {
  const place = fraction * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  return low + (place - below) * (high - low);
}
