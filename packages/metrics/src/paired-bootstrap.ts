import { checkOptionNames, OptionError, type RandomStream } from '@ltml/tensor';
import { type AveragePrecisionRule, nonInterpolated } from './average-precision.ts';
import { CurveBuilder } from './curve-builder.ts';
import { allClasses, annotatedImages, checkPaired, meanOfDefined, type PairedOptions } from './paired.ts';
import type { Scores } from './scores.ts';

export interface PairedBootstrapOptions extends PairedOptions {
  readonly random: RandomStream;
  /** Default 1000. */
  readonly resamples?: number;
  /** Probability that the interval covers, in (0, 1); default 0.95. */
  readonly confidence?: number;
}

/** Fractions. */
export interface BootstrapInterval {
  /** mAP of the second set minus that of the first, on all images. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile interval for the difference in mAP of two sets of scores, over images drawn with replacement.
 *
 * Both sets see the same draws, so what makes an image hard for both cancels. A class without positives, which in a tail
 * happens to many resamples, is left out of that resample's mean.
 *
 * Each class is ranked once; a resample then only counts how often it holds each image: N·C steps a resample and set.
 *
 * @returns an interval for each of `groups`; NaN if no class of a group has positives
 * @throws ShapeError or DataError unless both sets have the same images and targets; OptionError
 */
export function pairedBootstrap(
  first: Scores,
  second: Scores,
  options: PairedBootstrapOptions,
): Record<string, BootstrapInterval> {
  const known = ['groups', 'rule', 'onProgress', 'random', 'resamples', 'confidence'];
  checkOptionNames('pairedBootstrap', options, known);
  checkPaired('pairedBootstrap', first, second);
  const { groups = allClasses(first), rule = nonInterpolated, random, resamples = 1000, confidence = 0.95 } = options;
  if (!(confidence > 0 && confidence < 1)) {
    throw new OptionError({
      where: 'pairedBootstrap',
      argument: 'options.confidence',
      expected: 'a probability in (0, 1)',
      received: `${confidence}`,
    });
  }
  const rankings = [first, second].map((scores) => rankClasses(scores));
  const names = Object.keys(groups);
  const differences = (times: Int32Array): number[] => {
    const [before, after] = rankings.map((classes) => weightedPrecision(classes, times, rule));
    return names.map((name) => meanOfDefined(after, groups[name]) - meanOfDefined(before, groups[name]));
  };
  const observed = differences(new Int32Array(first.rows).fill(1));
  const drawn = names.map(() => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample++) {
    const times = new Int32Array(first.rows);
    for (let i = 0; i < first.rows; i++) times[random.integer(first.rows)]++;
    for (const [i, difference] of differences(times).entries()) drawn[i][resample] = difference;
    options.onProgress?.(resample + 1, resamples);
  }
  const intervals = drawn.map((values, i) => {
    const ascending = values.filter((value) => !Number.isNaN(value)).sort();
    const low = quantile(ascending, (1 - confidence) / 2);
    return { difference: observed[i], low, high: quantile(ascending, (1 + confidence) / 2) };
  });
  return Object.fromEntries(names.map((name, i) => [name, intervals[i]]));
}

/** The annotated images of a class from the highest score down. */
interface ClassRanking {
  readonly images: Int32Array;
  /** 1 present, 0 absent, in that order. */
  readonly present: Uint8Array;
  /** 1 where the next image has another score. */
  readonly lastOfTies: Uint8Array;
}

function rankClasses(scores: Scores): ClassRanking[] {
  return Array.from({ length: scores.columns }, (_, c) => {
    const entry = (image: number): number => image * scores.columns + c;
    const score = (image: number): number => scores.scores[entry(image)];
    // Compared, not subtracted: two infinities of one sign are equal.
    const images = annotatedImages(scores, c).sort((a, b) => Number(score(b) > score(a)) - Number(score(b) < score(a)));
    return {
      images,
      present: Uint8Array.from(images, (image) => scores.present[entry(image)]),
      lastOfTies: Uint8Array.from(images, (image, i) =>
        i + 1 < images.length && score(image) === score(images[i + 1]) ? 0 : 1,
      ),
    };
  });
}

/** [C] average precision where image i counts `times[i]` times; NaN without positives. */
function weightedPrecision(
  classes: readonly ClassRanking[],
  times: Int32Array,
  rule: AveragePrecisionRule,
): Float64Array {
  const builder = new CurveBuilder(times.length);
  return Float64Array.from(classes, ({ images, present, lastOfTies }) => {
    builder.start();
    for (let i = 0; i < images.length; i++) {
      builder.add(times[images[i]], present[i]);
      if (lastOfTies[i] === 1) builder.endTies();
    }
    const curve = builder.curve();
    return curve.positives > 0 ? rule(curve) : Number.NaN;
  });
}

/** Quantile of ascending values, linear between neighbours; NaN of none. */
function quantile(ascending: Float64Array, fraction: number): number {
  const place = fraction * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  return low + (place - below) * (high - low);
}
