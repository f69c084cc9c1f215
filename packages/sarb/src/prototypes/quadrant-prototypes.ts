import { checkCount, checkOptionNames } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { quadrants } from '../quadrants.ts';
import { eachPositive } from './positive-rows.ts';

/** Options of {@link quadrantPrototypes}. */
export interface QuadrantPrototypesOptions {
  /** C */
  readonly classes: number;
  /** Maximum number of positives per prototype. The first ones are used, so pass the batches in random order. */
  readonly samples: number;
}

/** Result of {@link quadrantPrototypes}. */
export interface QuadrantPrototypes {
  /** [C, 4, D] row-major; zeros for a quadrant without positives. */
  readonly prototypes: Float32Array;
  /** [C, 4] number of positives in each prototype. */
  readonly counts: Float32Array;
  /** D */
  readonly features: number;
}

/** Class features [B, C, D], and the quadrant [B, C] of the map that each comes from. */
export interface PlacedFeatures {
  /** [B, C, D] features of each class. */
  readonly features: tf.Tensor3D;
  /** [B, C] the quadrant of the map that the features come from. */
  readonly own: tf.Tensor2D;
}

/**
 * One prototype for each class and quadrant of the feature map: the mean of the class features over images that are
 * known to show the class there.
 *
 * The paper blends feature maps and then sums over their places. All places have the same share, so blending the sums
 * gives the same result. Therefore this function keeps sums only.
 *
 * It reads the batches once. Memory: C · 4 · D floats.
 *
 * @param batches batches of the training set; this function disposes them
 * @throws ShapeError, OptionError; DataError for labels other than 0 and 1
 *
 * Source: Pu et al. (DSRB), Expert Systems with Applications 2024.
 */
export async function quadrantPrototypes(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  encode: (inputs: tf.Tensor) => PlacedFeatures,
  options: QuadrantPrototypesOptions,
): Promise<QuadrantPrototypes> {
  const where = 'quadrantPrototypes';
  checkOptionNames(where, options, ['classes', 'samples']);
  const { classes, samples } = options;
  checkCount(where, 'options.classes', classes);
  checkCount(where, 'options.samples', samples);
  const counts = new Float32Array(classes * quadrants);
  const sums = new Map<number, Float64Array>();
  // The quadrant is appended as one more feature.
  const placed = (inputs: tf.Tensor): tf.Tensor3D => {
    const { features, own } = encode(inputs);
    return tf.concat([features, tf.expandDims(tf.cast(own, 'float32'), 2)], 2) as tf.Tensor3D;
  };
  const width = await eachPositive(where, batches, placed, classes, (c, row) => {
    const D = row.length - 1;
    const at = c * quadrants + row[D];
    if (counts[at] === samples) return;
    const sum = sums.get(at) ?? new Float64Array(D);
    for (let d = 0; d < D; d++) sum[d] += row[d];
    sums.set(at, sum);
    counts[at]++;
  });
  const D = Math.max(width - 1, 0);
  const prototypes = new Float32Array(classes * quadrants * D);
  for (const [at, sum] of sums) for (let d = 0; d < D; d++) prototypes[at * D + d] = sum[d] / counts[at];
  return { prototypes, counts, features: D };
}
