import { type ClassStatistics, classStatistics, type Labels, type SparseLabels } from '@ltml/tensor/labels';
import { indexByClass } from './index-by-class.ts';

/**
 * Probability of each image in one draw of class-aware re-sampling: P^I(k) = (1/C)·Σ 1/n_j over the classes j of image k.
 * They sum to 1; classes without images do not count in C. An unknown label puts no image into the list of its class.
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
 * Share of the draws of class-aware re-sampling that contain each class: (1/C)·Σᵢ P(j | i), with
 * P(j | i) = n_ij / n_i. Without re-sampling it is n_j / N.
 *
 * Under partial labels this is the share of draws that are known to contain a class, whichever way the statistics take
 * unknown labels: it is made of the co-occurrence, which counts what is known.
 *
 * @returns [C]
 */
export function classShare({ cooccurrence }: ClassStatistics): Float64Array {
  const drawn = cooccurrence.flatMap((row, i) => (row[i] > 0 ? [i] : []));
  return Float64Array.from(cooccurrence, (_, j) => {
    return drawn.reduce((sum, i) => sum + cooccurrence[i][j] / cooccurrence[i][i], 0) / drawn.length;
  });
}

/** How re-sampling changes a class. */
export interface ClassResampling {
  /** Share of the images that are known to contain the class, n/N. */
  readonly shareBefore: number;
  /** Share of the draws that are. */
  readonly shareAfter: number;
  /**
   * Imbalance inside the class: minimum, quartiles and maximum, over its images, of how much more often than uniformly
   * an image is drawn, P^I(k)·N. NaN for a class without images.
   */
  readonly spread: readonly [minimum: number, lower: number, median: number, upper: number, maximum: number];
}

/** How re-sampling changes the labels that are drawn. */
export interface ResamplingReport {
  readonly labelsPerImage: number;
  readonly labelsPerDraw: number;
  /** The largest P^I(k)·N of all images. */
  readonly largestGain: number;
  readonly classes: readonly ClassResampling[];
}

/**
 * What class-aware re-sampling does to a training set: it evens out no class alone, since labels come together, and it
 * draws the images of one class unevenly. Of partial labels it counts the known positives, before as after, since these
 * are what is drawn: both shares are lower bounds of the true ones, and their ratio tells what re-sampling does.
 *
 * @throws DataError on labels other than 0 and 1
 * Edge case: without images shares and labels per image are NaN.
 * Source: figure 1 of Wu et al. (ECCV 2020).
 */
export function resamplingReport(labels: Labels | SparseLabels): ResamplingReport {
  // What is drawn are known positives: an unknown label counts as absent before, as it does after.
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

/** Quantile of ascending values, linear between neighbours; NaN of none. */
function quantile(ascending: Float64Array, fraction: number): number {
  const place = fraction * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  return low + (place - below) * (high - low);
}
