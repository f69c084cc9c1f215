import { checkCount, checkOptionNames } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { quadrants } from '../quadrants.ts';
import { eachPositive } from './positive-rows.ts';

export interface QuadrantPrototypesOptions {
  /** C */
  readonly classes: number;
  /** Positives that make a prototype at most: the first of the pass, which should be in random order. */
  readonly samples: number;
}

/** A prototype of each class for each quadrant of the feature map. */
export interface QuadrantPrototypes {
  /** [C, 4, D] row-major; zeros where there is none. */
  readonly prototypes: Float32Array;
  /** [C, 4] positives that made each. */
  readonly counts: Float32Array;
  /** D */
  readonly features: number;
}

/** Features of each class [B, C, D], and the quadrant [B, C] of the map that they are of. */
export interface PlacedFeatures {
  readonly features: tf.Tensor3D;
  readonly own: tf.Tensor2D;
}

/**
 * Prototypes of each class by the quadrant of the map that shows it: means of its features in images that are known to show
 * it there.
 *
 * The paper blends maps before they are summed over their places. With one share for all places that is the blend of the
 * sums, so that sums are all that is kept here.
 *
 * Goes over the batches once. Memory: C · 4 · D floats.
 *
 * @param batches of the training set; taken over and disposed of
 * @throws ShapeError, OptionError; DataError on labels other than 0 and 1
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
  // The quadrant travels as one more feature.
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
