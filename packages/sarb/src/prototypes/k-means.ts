import { checkOptionNames, checkShapes, OptionError, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type Clustering, type LloydOptions, lloyd } from './lloyd.ts';

export interface KMeansOptions extends LloydOptions {
  /** K, at most the number of points. */
  readonly clusters: number;
  /** Starts, of which the one with the least inertia wins; default 10. */
  readonly restarts?: number;
  readonly random: RandomStream;
}

/**
 * K-means: Lloyd's algorithm from several k-means++ starts.
 *
 * @param points [N, D]
 * @throws ShapeError; OptionError if there are fewer points than clusters
 * Source: Arthur and Vassilvitskii 2007; defaults of scikit-learn at the time of the authors' code.
 */
export async function kMeans(points: tf.Tensor2D, options: KMeansOptions): Promise<Clustering> {
  checkOptionNames('kMeans', options, ['clusters', 'restarts', 'random', 'maxIterations', 'tolerance']);
  const { clusters, restarts = 10, random, ...lloydOptions } = options;
  const { N } = checkShapes('kMeans', { points: [points, 'N D'] });
  if (!(Number.isInteger(clusters) && clusters >= 1 && clusters <= N)) {
    const expected = `a whole number from 1 to ${N}, the number of points`;
    throw new OptionError({ where: 'kMeans', argument: 'options.clusters', expected, received: `${clusters}` });
  }
  let best: Clustering | undefined;
  for (let restart = 0; restart < restarts; restart++) {
    const start = await plusPlusStart(points, clusters, random);
    const clustering = await lloyd(points, start, lloydOptions);
    start.dispose();
    const worse = best && clustering.inertia >= best.inertia ? clustering : best;
    worse?.centers.dispose();
    if (worse !== clustering) best = clustering;
  }
  return best as Clustering;
}

/** Points as first centres, each drawn in proportion to its squared distance from those drawn before. */
async function plusPlusStart(points: tf.Tensor2D, clusters: number, random: RandomStream): Promise<tf.Tensor2D> {
  const N = points.shape[0];
  const chosen = [random.integer(N)];
  const nearest = new Float64Array(N).fill(Number.POSITIVE_INFINITY);
  while (chosen.length < clusters) {
    const last = chosen[chosen.length - 1];
    const distances = tf.tidy(() => tf.sum(tf.squaredDifference(points, tf.slice(points, [last, 0], [1, -1])), 1));
    const values = await distances.data();
    distances.dispose();
    for (let i = 0; i < N; i++) nearest[i] = Math.min(nearest[i], values[i]);
    // A point drawn before is at distance 0; rounding must not bring it back.
    for (const i of chosen) nearest[i] = 0;
    chosen.push(drawInProportion(nearest, chosen, random));
  }
  return tf.tidy(() => tf.gather(points, tf.tensor1d(chosen, 'int32')));
}

function drawInProportion(weights: Float64Array, taken: readonly number[], random: RandomStream): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random.uniform() * total;
  for (const [i, weight] of weights.entries()) {
    if (weight > 0 && left < weight) return i;
    left -= weight;
  }
  // Rounding at the end, or all points left equal a centre.
  const positive = weights.findLastIndex((weight) => weight > 0);
  return positive >= 0 ? positive : weights.findIndex((_, i) => !taken.includes(i));
}
