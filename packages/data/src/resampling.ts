import { type ClassStatistics, classStatistics, type Labels, type SparseLabels } from '@ltml/tensor/labels';
import { indexByClass } from './index-by-class.ts';

/**
 * The probability of each image in one draw of class-aware re-sampling: P^I(k) = (1/C)·Σ 1/n_j over the classes j of
 * image k. The probabilities sum to 1. Classes without images do not count in C, and unknown labels do not count as
 * present.
 *
 * @returns [N]
 * Source: Wu et al. (ECCV 2020) §3.1.
 */
export function imageProbability(labels: Labels | SparseLabels): Float64Array {
  const lists = indexByClass(labels);
  const classes = lists.filter((images) => images.length > 0).length;
  const probability = new Float64Array(labels.rows);
  for (const images of lists) for (const image of images) probability[image] += 1 / (classes * images.length);
  return probability;
}

/**
 * The share of class-aware draws that contain each class: (1/C)·Σᵢ P(j | i), with P(j | i) = n_ij / n_i. Without
 * re-sampling it is n_j / N.
 *
 * With partial labels it is the share of draws that are known to contain a class. The option `unknown` of the
 * statistics does not change it, because it is computed from the co-occurrence, which counts only known labels.
 *
 * @returns [C]
 */
export function classShare({ cooccurrence }: ClassStatistics): Float64Array {
  const drawn = cooccurrence.flatMap((row, i) => (row[i] > 0 ? [i] : []));
  return Float64Array.from(cooccurrence, (_, j) => {
    return drawn.reduce((sum, i) => sum + cooccurrence[i][j] / cooccurrence[i][i], 0) / drawn.length;
  });
}

/** How re-sampling changes the frequency of a class. */
export interface ClassResampling {
  /** Share of the images that are known to contain the class, n/N. */
  readonly shareBefore: number;
  /** Share of the draws that are known to contain the class. */
  readonly shareAfter: number;
  /**
   * The imbalance within the class: how much more often than uniformly its images are drawn, P^I(k)·N, as minimum,
   * quartiles and maximum. NaN for a class without images.
   */
  readonly spread: readonly [minimum: number, lower: number, median: number, upper: number, maximum: number];
}

/** The result of {@link resamplingReport}. */
export interface ResamplingReport {
  readonly labelsPerImage: number;
  readonly labelsPerDraw: number;
  /** The largest P^I(k)·N of any image. */
  readonly largestGain: number;
  readonly classes: readonly ClassResampling[];
}

/**
 * The effect of class-aware re-sampling on a training set. Labels occur together, so it cannot balance each class
 * separately, and it draws the images of one class unevenly. With partial labels it counts known positives, because
 * these are what is drawn. Both shares are then lower bounds of the true ones, and their ratio shows the effect of
 * re-sampling.
 *
 * @throws DataError on labels other than 0 and 1
 * Edge case: without images shares and labels per image are NaN.
 * Source: figure 1 of Wu et al. (ECCV 2020).
 */
export function resamplingReport(labels: Labels | SparseLabels): ResamplingReport {
  // Draws use known positives, so an unknown label counts as absent before and after.
  const statistics = classStatistics(labels, { unknown: 'negative' });
  const after = classShare(statistics);
  const gain = imageProbability(labels).map((probability) => probability * labels.rows);
  const classes = indexByClass(labels).map((images, c) => {
    const ordered = Float64Array.from(images, (image) => gain[image]).sort();
    const at = (fraction: number): number => quantile(ordered, fraction);
    return {
      shareBefore: statistics.classCounts[c] / statistics.trainCount,
      shareAfter: after[c],
      spread: [at(0), at(0.25), at(0.5), at(0.75), at(1)] as const,
    };
  });
  return {
    labelsPerImage: classes.reduce((sum, { shareBefore }) => sum + shareBefore, 0),
    labelsPerDraw: classes.reduce((sum, { shareAfter }) => sum + shareAfter, 0),
    largestGain: gain.reduce((largest, value) => Math.max(largest, value), 0),
    classes,
  };
}

/** The quantile of ascending values, interpolated linearly; NaN if there are none. */
function quantile(ascending: Float64Array, fraction: number): number {
  const place = fraction * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  return low + (place - below) * (high - low);
}
