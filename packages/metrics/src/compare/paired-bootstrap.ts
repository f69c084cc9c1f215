import { checkOptionNames } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { type AveragePrecisionRule, nonInterpolated } from '../ranking/average-precision.ts';
import { CurveBuilder } from '../ranking/curve-builder.ts';
import { ascendingKeys, descending, stableOrder } from '../ranking/stable-order.ts';
import {
  type BootstrapInterval,
  type BootstrapOptions,
  bootstrapIntervals,
  bootstrapOptionNames,
} from './bootstrap.ts';
import {
  allClasses,
  annotatedImages,
  checkPaired,
  checkPairedOptions,
  meanOfDefined,
  type PairedOptions,
  scoresOf,
} from './paired.ts';

export interface PairedBootstrapOptions extends PairedOptions, BootstrapOptions {}

/**
 * Percentile interval for the difference in mAP of two sets of scores, over images drawn with replacement.
 *
 * Both sets see the same draws, so what makes an image hard for both cancels. A class without positives, which in a tail
 * happens to many resamples, is left out of that resample's mean.
 *
 * Each class is ranked once; a resample then only counts how often it holds each image: N·C steps a resample and set.
 *
 * @returns an interval for each of `groups`, fractions; NaN if no class of a group has positives
 * @throws ShapeError or DataError unless both sets have the same images and targets; OptionError
 */
export function pairedBootstrap(
  first: Scores,
  second: Scores,
  options: PairedBootstrapOptions,
): Record<string, BootstrapInterval> {
  checkOptionNames('pairedBootstrap', options, ['groups', 'rule', ...bootstrapOptionNames]);
  checkPaired('pairedBootstrap', first, second);
  checkPairedOptions('pairedBootstrap', options, first);
  const { groups = allClasses(first), rule = nonInterpolated, ...bootstrap } = options;
  const rankings = [first, second].map((scores) => rankClasses(scores));
  const differences = (times: Int32Array): Record<string, number> => {
    const [before, after] = rankings.map((classes) => weightedPrecision(classes, times, rule));
    const gain = (classes: readonly number[]): number => meanOfDefined(after, classes) - meanOfDefined(before, classes);
    return Object.fromEntries(Object.entries(groups).map(([name, classes]) => [name, gain(classes)]));
  };
  return bootstrapIntervals('pairedBootstrap', first.rows, differences, bootstrap);
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
    const annotated = annotatedImages(scores, c);
    const values = scoresOf(scores, c, annotated);
    const order = stableOrder(descending(ascendingKeys(values)));
    const images = new Int32Array(order.length);
    const present = new Uint8Array(order.length);
    const lastOfTies = new Uint8Array(order.length);
    for (let i = 0; i < order.length; i++) {
      images[i] = annotated[order[i]];
      present[i] = scores.present[images[i] * scores.columns + c];
      lastOfTies[i] = values[order[i]] === values[order[i + 1]] ? 0 : 1;
    }
    return { images, present, lastOfTies };
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
