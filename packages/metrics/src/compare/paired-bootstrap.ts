import { checkOptionNames } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { type AveragePrecisionRule, nonInterpolated } from '../ranking/average-precision.ts';
import type { RankingCurve } from '../ranking/ranking-curve.ts';
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

/** Options of {@link pairedBootstrap}. */
export interface PairedBootstrapOptions extends PairedOptions, BootstrapOptions {}

/**
 * Percentile bootstrap interval for the difference in mAP between two sets of scores; images are drawn with
 * replacement.
 *
 * Both sets get the same resamples, so images that are hard for both do not add noise. A class without positives in a
 * resample, which happens often in the tail, is left out of that resample's mean.
 *
 * Each class is sorted once. A resample then only counts how often it contains each image: N·C steps for each resample
 * and set.
 *
 * @returns an interval for each of `groups`, in fractions; NaN if no class of a group has positives
 * @throws ShapeError or DataError unless both sets have the same images and labels; OptionError
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

/**
 * The known images of a class from the highest score down to the lowest score of a positive. Each distinct score of a
 * positive is a point.
 */
interface ClassRanking {
  readonly images: Int32Array;
  /** [points] the end of each point's images. */
  readonly ends: Int32Array;
  /** The positives among these images, in the same order. */
  readonly positives: Int32Array;
  /** [points] the end of each point's positives. */
  readonly positiveEnds: Int32Array;
}

function rankClasses(scores: Scores): ClassRanking[] {
  return Array.from({ length: scores.columns }, (_, c) => {
    const annotated = annotatedImages(scores, c);
    const values = scoresOf(scores, c, annotated);
    const order = stableOrder(descending(ascendingKeys(values)));
    const images = Int32Array.from(order, (i) => annotated[i]);
    const positives: number[] = [];
    const [ends, positiveEnds]: number[][] = [[], []];
    for (const [i, image] of images.entries()) {
      if (scores.present[image * scores.columns + c] === 1) positives.push(image);
      const isLastOfTies = values[order[i]] !== values[order[i + 1]];
      if (!isLastOfTies || positives.length === (positiveEnds.at(-1) ?? 0)) continue;
      ends.push(i + 1);
      positiveEnds.push(positives.length);
    }
    return {
      images: images.subarray(0, ends.at(-1) ?? 0),
      ends: Int32Array.from(ends),
      positives: Int32Array.from(positives),
      positiveEnds: Int32Array.from(positiveEnds),
    };
  });
}

/** [C] average precision if image i counts `times[i]` times; NaN for a class without positives. */
function weightedPrecision(
  classes: readonly ClassRanking[],
  times: Int32Array,
  rule: AveragePrecisionRule,
): Float64Array {
  const most = classes.reduce((points, { ends }) => Math.max(points, ends.length), 0);
  const memory = { truePositives: new Int32Array(most), retrieved: new Int32Array(most) };
  return Float64Array.from(classes, (ranking) => {
    const curve = weightedCurve(ranking, times, memory);
    return curve.positives > 0 ? rule(curve) : Number.NaN;
  });
}

/** Plain loops over integers, because nearly all time of a resample is spent here. */
function weightedCurve(
  { images, ends, positives, positiveEnds }: ClassRanking,
  times: Int32Array,
  { truePositives, retrieved }: Pick<RankingCurve, 'truePositives' | 'retrieved'>,
): RankingCurve {
  let points = 0;
  let all = 0;
  let correct = 0;
  for (let point = 0, i = 0, positive = 0; point < ends.length; point++) {
    const before = correct;
    for (const end = ends[point]; i < end; i++) all += times[images[i]];
    for (const end = positiveEnds[point]; positive < end; positive++) correct += times[positives[positive]];
    if (correct === before) continue;
    truePositives[points] = correct;
    retrieved[points++] = all;
  }
  return {
    positives: correct,
    truePositives: truePositives.subarray(0, points),
    retrieved: retrieved.subarray(0, points),
  };
}
