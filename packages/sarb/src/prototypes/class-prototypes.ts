import { checkCount, checkOptionNames, type RandomStreams } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { kMeans } from './k-means.ts';
import { eachPositive } from './positive-rows.ts';
import { Reservoir } from './reservoir.ts';

export interface ClassPrototypesOptions {
  /** C */
  readonly classes: number;
  /** K, prototypes of a class. */
  readonly count: number;
  /**
   * Feature vectors held at most, shared equally by the classes. A class with more known positives is represented by a
   * uniform sample of them. `null` holds them all, as the released code does.
   */
  readonly samples: number | null;
  /** Streams for this computation alone, see `RandomStreams.derive`. */
  readonly random: RandomStreams;
  /** Tells one computation from another; e.g. the epoch. */
  readonly round?: number;
}

/** Prototypes of each class. */
export interface ClassPrototypes {
  /** [C, K, D] row-major. A class with fewer than K repeats its own; one with none has zeros. */
  readonly prototypes: Float32Array;
  /** [C] prototypes of each class that differ: min(K, known positives). */
  readonly counts: Int32Array;
  /** D */
  readonly features: number;
}

/**
 * Prototypes of each class: the centres of K clusters of its features in all images that are known to show it.
 *
 * Goes over the batches once. Memory: `samples` · D floats, whatever the number of images.
 *
 * @param batches of the training set; taken over and disposed of
 * @param encode from inputs to the features of each class [B, C, D]; the caller sees to evaluation mode
 * @throws ShapeError, OptionError; DataError on labels other than 0 and 1, and for features of a positive that are
 *   not finite
 * Source: Pu et al. (SARB, AAAI 2022), section 3.4, and their code, which throws for a class of fewer than K positives.
 */
export async function classPrototypes(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  encode: (inputs: tf.Tensor) => tf.Tensor3D,
  options: ClassPrototypesOptions,
): Promise<ClassPrototypes> {
  checkOptionNames('classPrototypes', options, ['classes', 'count', 'samples', 'random', 'round']);
  const { classes, count, samples, random, round = 0 } = options;
  checkCount('classPrototypes', 'options.classes', classes);
  checkCount('classPrototypes', 'options.count', count);
  if (samples !== null) checkCount('classPrototypes', 'options.samples', samples);
  checkCount('classPrototypes', 'options.round', round, { min: 0 });
  const most = samples === null ? Number.POSITIVE_INFINITY : Math.max(count, Math.floor(samples / classes));
  const kept = Array.from({ length: classes }, (_, c) => new Reservoir(most, random.derive('prototypes', round, c, 0)));
  const D = await eachPositive('classPrototypes', batches, encode, classes, (c, row) => kept[c].add(row));
  const prototypes = new Float32Array(classes * count * D);
  const counts = new Int32Array(classes);
  for (const [c, reservoir] of kept.entries()) {
    counts[c] = Math.min(count, reservoir.size);
    if (counts[c] === 0) continue;
    const points = tf.tensor2d(reservoir.concatenated(), [reservoir.size, D]);
    const { centers } = await kMeans(points, { clusters: counts[c], random: random.derive('prototypes', round, c, 1) });
    const values = await centers.data();
    for (let k = 0; k < count; k++) {
      const from = (k % counts[c]) * D;
      prototypes.set(values.subarray(from, from + D) as Float32Array, (c * count + k) * D);
    }
    tf.dispose([points, centers]);
  }
  return { prototypes, counts, features: D };
}
