import { checkCount, checkOptionNames, checkShapes, type RandomStream, ShapeError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type Clustering, checkLloydOptions, checkPoints, type LloydOptions, lloydFromAll } from './lloyd.ts';

/** Options of {@link kMeans}. */
export interface KMeansOptions extends LloydOptions {
  /** K, at most the number of points. */
  readonly clusters: number;
  /** Number of starts. All run together; the result with the smallest inertia wins. Default 10. */
  readonly restarts?: number;
  readonly random: RandomStream;
}

/**
 * K-means: Lloyd's algorithm from several k-means++ starts.
 *
 * @param points [N, D]
 * @throws ShapeError; OptionError, also for fewer points than clusters; DataError for a point that is not finite
 *
 * Source: Arthur and Vassilvitskii 2007; defaults of scikit-learn at the time of the authors' code.
 */
export async function kMeans(points: tf.Tensor2D, options: KMeansOptions): Promise<Clustering> {
  checkOptionNames('kMeans', options, ['clusters', 'restarts', 'random', 'maxIterations', 'tolerance']);
  const { clusters, restarts = 10, random, ...lloydOptions } = options;
  const { N, D } = checkShapes('kMeans', { points: [points, 'N D'] });
  if (N * D === 0) {
    const received = `[${N}, ${D}]`;
    throw new ShapeError({ where: 'kMeans', argument: 'points', expected: 'not empty', received });
  }
  checkCount('kMeans', 'options.restarts', restarts);
  checkCount('kMeans', 'options.clusters', clusters, { min: 1, max: N });
  checkLloydOptions('kMeans', lloydOptions);
  await checkPoints('kMeans', points);
  const starts = await plusPlusStarts(points, { clusters, restarts, random });
  const clusterings = await lloydFromAll(points, starts, lloydOptions);
  starts.dispose();
  const best = clusterings.reduce((least, each) => (each.inertia < least.inertia ? each : least));
  for (const each of clusterings) if (each !== best) each.centers.dispose();
  return best;
}

/**
 * The first centres of each start, [R, K, D]. Each is a point, drawn with a probability proportional to its squared
 * distance from the nearest centre so far.
 */
async function plusPlusStarts(
  points: tf.Tensor2D,
  { clusters, restarts, random }: Required<Pick<KMeansOptions, 'clusters' | 'restarts' | 'random'>>,
): Promise<tf.Tensor3D> {
  const N = points.shape[0];
  const centred = tf.tidy(() => tf.sub<tf.Tensor2D>(points, tf.mean(points, 0)));
  const starts = Array.from({ length: restarts }, () => [random.integer(N)]);
  const nearest = starts.map(() => new Float64Array(N).fill(Number.POSITIVE_INFINITY));
  for (let k = 1; k < clusters; k++) {
    const last = starts.map((chosen) => chosen[k - 1]);
    const distances = tf.tidy(() => squaredDistances(centred, tf.gather(centred, tf.tensor1d(last, 'int32'))));
    const values = await distances.data();
    distances.dispose();
    for (const [r, chosen] of starts.entries()) {
      for (let i = 0; i < N; i++) nearest[r][i] = Math.min(nearest[r][i], values[i * restarts + r]);
      // Rounding could give a chosen point a distance above 0, and it would be drawn again.
      for (const i of chosen) nearest[r][i] = 0;
      chosen.push(drawInProportion(nearest[r], chosen, random));
    }
  }
  centred.dispose();
  return tf.tidy(() => {
    const rows = tf.gather(points, tf.tensor1d(starts.flat(), 'int32'));
    return tf.reshape(rows, [restarts, clusters, -1]) as tf.Tensor3D;
  });
}

/** Squared distances ≥ 0 between [N, D] and [M, D]: [N, M]. */
function squaredDistances(points: tf.Tensor2D, others: tf.Tensor2D): tf.Tensor2D {
  const norms = tf.add<tf.Tensor2D>(tf.sum(tf.square(points), 1, true), tf.sum(tf.square(others), 1));
  return tf.relu(tf.sub<tf.Tensor2D>(norms, tf.mul(tf.matMul(points, others, false, true), 2)));
}

function drawInProportion(weights: Float64Array, taken: readonly number[], random: RandomStream): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random.uniform() * total;
  for (const [i, weight] of weights.entries()) {
    if (weight > 0 && left < weight) return i;
    left -= weight;
  }
  // Reached by rounding, or if every point that is left equals a centre.
  const positive = weights.findLastIndex((weight) => weight > 0);
  return positive >= 0 ? positive : weights.findIndex((_, i) => !taken.includes(i));
}
