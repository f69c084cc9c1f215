import { checkCount, checkOptionNames, type RandomStream } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { type AveragePrecisionRule, nonInterpolated } from '../ranking/average-precision.ts';
import { CurveBuilder } from '../ranking/curve-builder.ts';
import { ascendingKeys, descending, stableOrder } from '../ranking/stable-order.ts';
import {
  allClasses,
  annotatedImages,
  checkPaired,
  checkPairedOptions,
  meanOfDefined,
  type PairedOptions,
  scoresOf,
} from './paired.ts';

/** Options of {@link pairedPermutationTest}. */
export interface PairedPermutationOptions extends PairedOptions {
  /** The stream from which the swaps are drawn. */
  readonly random: RandomStream;
  /** Number of random permutations; default 1000. */
  readonly permutations?: number;
}

/** The result of {@link pairedPermutationTest} for one group of classes. */
export interface PermutationResult {
  /** mAP of the second set minus that of the first, a fraction. */
  readonly difference: number;
  /** Two-sided: (1 + number of permutations with a difference at least as large) / (1 + number of permutations). */
  readonly pValue: number;
}

/**
 * Permutation test for the difference in mAP between two sets of scores. `pValue` estimates how often random swaps of
 * the two sets, image by image, give a difference at least this large; that is what two equally good sets would do.
 *
 * Before swapping, scores are replaced by their rank within class and set. This does not change the mAP of either set,
 * and sets on different scales (e.g. from two losses) can be swapped.
 *
 * @returns a result for each of `groups`. A class without positives is left out; a group of such classes only gives NaN
 *   for both
 * @throws ShapeError or DataError unless both sets have the same images and labels; OptionError
 */
export function pairedPermutationTest(
  first: Scores,
  second: Scores,
  options: PairedPermutationOptions,
): Record<string, PermutationResult> {
  const known = ['groups', 'rule', 'onProgress', 'random', 'permutations'];
  checkOptionNames('pairedPermutationTest', options, known);
  checkPaired('pairedPermutationTest', first, second);
  checkPairedOptions('pairedPermutationTest', options, first);
  const { groups = allClasses(first), rule = nonInterpolated, random, permutations = 1000 } = options;
  checkCount('pairedPermutationTest', 'options.permutations', permutations);
  const classes = Array.from({ length: first.columns }, (_, c) => mergeRankings(first, second, c));
  const names = Object.keys(groups);
  const differences = (swapped: Uint8Array): number[] => {
    const gain = Float64Array.from(classes, precisionGain(swapped, rule));
    return names.map((name) => meanOfDefined(gain, groups[name]));
  };
  const observed = differences(new Uint8Array(first.rows));
  const asFar = new Array<number>(names.length).fill(0);
  for (let permutation = 0; permutation < permutations; permutation++) {
    const drawn = differences(Uint8Array.from({ length: first.rows }, () => random.bits() >>> 31));
    for (const [i, difference] of drawn.entries()) {
      // Sums in another order may differ by rounding; that still counts as equal.
      if (Math.abs(difference) >= Math.abs(observed[i]) - 1e-12) asFar[i]++;
    }
    options.onProgress?.(permutation + 1, permutations);
  }
  return Object.fromEntries(
    names.map((name, i) => {
      // Comparisons with NaN are false, so counting would call an undefined difference significant.
      const pValue = Number.isNaN(observed[i]) ? Number.NaN : (1 + asFar[i]) / (1 + permutations);
      return [name, { difference: observed[i], pValue }];
    }),
  );
}

/** The images of both sets for one class, in one descending order of their ranks. */
interface MergedRanking {
  readonly images: Int32Array;
  /** 0 for the first set, 1 for the second. */
  readonly set: Uint8Array;
  readonly present: Uint8Array;
  /** 1 if the next entry has another rank. */
  readonly lastOfTies: Uint8Array;
}

function mergeRankings(first: Scores, second: Scores, c: number): MergedRanking {
  const annotated = annotatedImages(first, c);
  const n = annotated.length;
  const ranks = new Uint32Array(2 * n);
  ranks.set(doubledMidRanks(scoresOf(first, c, annotated)));
  ranks.set(doubledMidRanks(scoresOf(second, c, annotated)), n);
  const order = stableOrder(descending(ranks));
  const images = new Int32Array(2 * n);
  const set = new Uint8Array(2 * n);
  const present = new Uint8Array(2 * n);
  const lastOfTies = new Uint8Array(2 * n);
  for (let i = 0; i < 2 * n; i++) {
    set[i] = order[i] < n ? 0 : 1;
    images[i] = annotated[order[i] - set[i] * n];
    present[i] = first.present[images[i] * first.columns + c];
    lastOfTies[i] = ranks[order[i]] === ranks[order[i + 1]] ? 0 : 1;
  }
  return { images, set, present, lastOfTies };
}

/** Twice the rank of each image by ascending score. Equal scores share their mean rank, which may be a half-integer. */
function doubledMidRanks(scores: Float32Array): Uint32Array {
  const places = stableOrder(ascendingKeys(scores));
  const ranks = new Uint32Array(scores.length);
  for (let start = 0, end = 0; start < places.length; start = end) {
    while (end < places.length && scores[places[end]] === scores[places[start]]) end++;
    for (let i = start; i < end; i++) ranks[places[i]] = start + end - 1;
  }
  return ranks;
}

/** AP of the second set minus AP of the first, after swapping the marked images; NaN without positives. */
function precisionGain(swapped: Uint8Array, rule: AveragePrecisionRule): (ranking: MergedRanking) => number {
  const builders = [new CurveBuilder(swapped.length), new CurveBuilder(swapped.length)];
  const [first, second] = builders;
  return ({ images, set, present, lastOfTies }) => {
    first.start();
    second.start();
    for (let i = 0; i < images.length; i++) {
      builders[set[i] ^ swapped[images[i]]].add(1, present[i]);
      if (lastOfTies[i] === 0) continue;
      first.endTies();
      second.endTies();
    }
    const [before, after] = [first.curve(), second.curve()];
    return before.positives > 0 ? rule(after) - rule(before) : Number.NaN;
  };
}
