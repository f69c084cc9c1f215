import { checkCount, checkOptionNames, type RandomStreams } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { kMeans } from './k-means.ts';
import { eachPositive } from './positive-rows.ts';
import { Reservoir } from './reservoir.ts';

/** Options of {@link classPrototypes}. */
export interface ClassPrototypesOptions {
  /** C */
  readonly classes: number;
  /** K, prototypes of a class. */
  readonly count: number;
  /**
   * Maximum number of feature vectors to keep, shared equally by the classes. A class with more known positives is
   * represented by a uniform sample of them. `null` keeps all, as the released code does.
   */
  readonly samples: number | null;
  /** Random streams; this computation derives its own from them, see `RandomStreams.derive`. */
  readonly random: RandomStreams;
  /** Number of this computation, for example the epoch. Another number gives other random draws. */
  readonly round?: number;
}

/** Result of {@link classPrototypes}. */
export interface ClassPrototypes {
  /** [C, K, D] row-major. A class with fewer than K prototypes repeats them. A class without positives has zeros. */
  readonly prototypes: Float32Array;
  /** [C] number of distinct prototypes of each class: min(K, known positives). */
  readonly counts: Int32Array;
  /** D */
  readonly features: number;
}

/**
 * Prototypes of each class: the centres of K clusters of its features, over all images that are known to show it.
 *
 * It reads the batches once. Memory: `samples` · D floats, for any number of images.
 *
 * @param batches batches of the training set; this function disposes them
 * @param encode inputs → class features [B, C, D]; the caller switches to evaluation mode
 * @throws ShapeError, OptionError; DataError for labels other than 0 and 1, and for a positive whose features are not
 *   finite
 *
 * Source: Pu et al. (SARB, AAAI 2022), section 3.4, and their code, which fails for a class with fewer than K
 * positives.
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
