import {
  checkChoice,
  checkCount,
  checkFiniteTensor,
  checkNumber,
  checkOptionNames,
  checkShapes,
  checkWholeTensor,
  OptionError,
  type RandomStream,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { atClass } from './dense-contrast.ts';

/**
 * The mean features of each class. Direction and length of the mean give the mean direction and the concentration κ of
 * a von Mises–Fisher distribution.
 */
export type VmfEstimator = {
  /** [C, D] A, the mean of the unit features seen of each class. */
  readonly mean: tf.Tensor2D;
  /** [C] m, number of features seen of each class. */
  readonly counts: tf.Tensor1D;
};

/** Options of {@link vmfConcentration}. */
export interface ConcentrationOptions {
  /**
   * The estimate of κ from R = ‖A‖. `code` (default): D·R/(1 − R²), as in the released code. `banerjee`: R·(D − R²)/(1
   * − R²), as in the paper.
   */
  readonly kappa?: 'code' | 'banerjee';
  /** The largest κ. A class with one image has this κ. Default 1e5. */
  readonly largest?: number;
}

/** An estimate before any feature: means of length 0.9 in random directions. The first features replace them. */
export function startVmf(options: {
  readonly classes: number;
  readonly features: number;
  readonly random: RandomStream;
}): VmfEstimator {
  const where = 'startVmf';
  checkOptionNames(where, options, ['classes', 'features', 'random']);
  const { classes, features, random } = options;
  checkCount(where, 'options.classes', classes, { min: 0 });
  checkCount(where, 'options.features', features);
  const rows = Array.from({ length: classes }, () => {
    const row = Array.from({ length: features }, () => random.normal());
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    return row.map((x) => (0.9 * x) / Math.max(norm, 1e-12));
  });
  return { mean: tf.tensor2d(rows.flat(), [classes, features]), counts: tf.zeros([classes]) };
}

/**
 * The estimate after another batch: the mean over all features of a class so far. No gradient flows.
 *
 * @param features [B, D] unit vectors
 * @param labels [B] class indices
 * @returns new tensors; the caller also disposes the old ones
 * @throws ShapeError; DataError for a label outside the classes, and for features that are not finite
 *
 * Source: Du et al. (ProCo), TPAMI 2024, and their code.
 */
export function vmfEstimator(estimator: VmfEstimator, features: tf.Tensor2D, labels: tf.Tensor1D): VmfEstimator {
  const where = 'vmfEstimator';
  const { mean, counts } = estimator;
  checkShapes(where, {
    'estimator.mean': [mean, 'C D'],
    'estimator.counts': [counts, 'C'],
    features: [features, 'B D'],
    labels: [labels, 'B'],
  });
  const [C] = mean.shape;
  checkWholeTensor(where, 'labels', labels, 0, C - 1);
  // One NaN would make every mean NaN for good.
  checkFiniteTensor(where, 'features', features);
  if (features.size === 0) return { mean: tf.clone(mean), counts: tf.clone(counts) };
  return tf.tidy(() => {
    const marks = atClass(labels, C);
    const seen = tf.sum<tf.Tensor1D>(marks, 0);
    const total = tf.add<tf.Tensor1D>(counts, seen);
    // The sum of the batch divided by the number of features seen so far. It is 0 for a class without features.
    const over = tf.expandDims(tf.maximum(total, 1), 1);
    const kept = tf.expandDims(tf.div(tf.sub(total, seen), tf.maximum(total, 1)), 1);
    const untouched = tf.expandDims(tf.cast(tf.equal(seen, 0), 'float32'), 1);
    const old = tf.mul(mean, tf.maximum(kept, untouched));
    return { mean: tf.add<tf.Tensor2D>(old, tf.div(tf.matMul(marks, features, true, false), over)), counts: total };
  });
}

/**
 * κ, the concentration of the features of each class. Larger values mean that features are closer together. It is
 * computed in double precision in JavaScript.
 *
 * @returns [C] from 0 to `largest`
 * @throws OptionError
 */
export function vmfConcentration({ mean }: VmfEstimator, options: ConcentrationOptions = {}): Float64Array {
  const { lengths } = directionsOf(mean);
  return concentrationsOf('vmfConcentration', lengths, mean.shape[1], options);
}

/** Directions of the means, [C, D] row-major unit vectors, and their lengths, [C]. */
export function directionsOf(mean: tf.Tensor2D): { readonly unit: Float64Array; readonly lengths: Float64Array } {
  const [C, D] = mean.shape;
  const unit = Float64Array.from(mean.dataSync());
  const lengths = new Float64Array(C);
  for (let c = 0; c < C; c++) {
    let square = 0;
    for (let d = c * D; d < (c + 1) * D; d++) square += unit[d] * unit[d];
    lengths[c] = Math.sqrt(square);
    for (let d = c * D; d < (c + 1) * D; d++) unit[d] /= Math.max(lengths[c], 1e-12);
  }
  return { unit, lengths };
}

export function concentrationsOf(
  where: string,
  lengths: Float64Array,
  D: number,
  { kappa = 'code', largest = 1e5 }: ConcentrationOptions,
): Float64Array {
  checkChoice(where, 'options.kappa', kappa, ['code', 'banerjee']);
  checkNumber(where, 'options.largest', largest, { above: 0 });
  checkFeatures(where, D);
  return lengths.map((R) => {
    const value = (R * (kappa === 'code' ? D : D - R * R)) / (1 - R * R);
    return value >= 0 && value <= largest ? value : largest;
  });
}

function checkFeatures(where: string, D: number): void {
  if (D >= 4 && D % 2 === 0) return;
  throw new OptionError({ where, argument: 'features', expected: 'an even D of at least 4', received: `${D}` });
}
