import { checkCount, checkNumber, checkOptionNames, checkShapes, DataError, ShapeError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../one-hot.ts';

/** Options of {@link lloyd}. */
export interface LloydOptions {
  /** Maximum number of rounds of assignment and update. Default 300. */
  readonly maxIterations?: number;
  /**
   * Stops when the sum of the squared shifts of the centres is at most `tolerance` times the variance of the points,
   * averaged over features. Default 1e-4.
   */
  readonly tolerance?: number;
}

/** Result of a clustering. */
export interface Clustering {
  /** [K, D]; the caller disposes it. */
  readonly centers: tf.Tensor2D;
  /** [N] index of the centre nearest to each point. */
  readonly labels: Int32Array;
  /** Sum of the squared distances of the points from their centres. */
  readonly inertia: number;
  /** Number of rounds. */
  readonly iterations: number;
}

/**
 * Lloyd's algorithm from given centres: assigns each point to its nearest centre, then moves each centre to the mean of
 * its points. It repeats this until no assignment changes or the centres hardly move.
 *
 * Axes: N points, K centres, D features.
 *
 * @param points [N, D]
 * @param start [K, D]; the centres of the result have the same order
 * @throws ShapeError, OptionError; DataError for a point or a centre that is not finite
 *
 * An empty cluster takes over the point that is farthest from its own centre. Labels and inertia belong to the returned
 * centres.
 *
 * Source: Lloyd 1982. The rules for stopping and for empty clusters are those of scikit-learn's `KMeans`, which the
 * authors use.
 */
export async function lloyd(points: tf.Tensor2D, start: tf.Tensor2D, options: LloydOptions = {}): Promise<Clustering> {
  checkOptionNames('lloyd', options, ['maxIterations', 'tolerance']);
  checkLloydOptions('lloyd', options);
  checkShapes('lloyd', { points: [points, 'N D'], start: [start, 'K D'] });
  for (const [argument, { shape }] of Object.entries({ points, start })) {
    if (shape[0] > 0 && shape[1] > 0) continue;
    throw new ShapeError({ where: 'lloyd', argument, expected: 'not empty', received: `[${shape.join(', ')}]` });
  }
  await checkPoints('lloyd', points);
  await checkPoints('lloyd', start, 'start');
  const starts = tf.expandDims(start, 0) as tf.Tensor3D;
  try {
    return (await lloydFromAll(points, starts, options))[0];
  } finally {
    starts.dispose();
  }
}

export function checkLloydOptions(where: string, { maxIterations = 300, tolerance = 1e-4 }: LloydOptions): void {
  checkCount(where, 'options.maxIterations', maxIterations, { min: 0 });
  checkNumber(where, 'options.tolerance', tolerance, { min: 0 });
}

/** Checks that all points are finite: one NaN would spread to a centre. @throws DataError naming the row */
export async function checkPoints(where: string, points: tf.Tensor2D, argument: string = 'points'): Promise<void> {
  const values = await points.data();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const received = `${values[bad]} in row ${Math.floor(bad / points.shape[1])}`;
  throw new DataError({ where, argument, expected: 'finite numbers everywhere', received });
}

/**
 * Runs {@link lloyd} from R starts together; the results are those of R separate runs. A round calls as many kernels
 * and reads back as often as a round of a single start.
 *
 * Memory: N·R·K floats.
 *
 * @param starts [R, K, D]
 */
export async function lloydFromAll(
  points: tf.Tensor2D,
  starts: tf.Tensor3D,
  { maxIterations = 300, tolerance = 1e-4 }: LloydOptions,
): Promise<Clustering[]> {
  const [R, K] = starts.shape;
  // Centred points: a large common offset would cost digits in the distances.
  const mean = tf.mean<tf.Tensor1D>(points, 0);
  const centred = tf.sub<tf.Tensor2D>(points, mean);
  const [variance] = await read(() => tf.mean(tf.square(centred)));
  let centers = tf.sub<tf.Tensor3D>(starts, mean);
  let labels: Int32Array[] = Array.from({ length: R }, () => new Int32Array(0));
  const iterations = new Int32Array(R);
  const active = new Uint8Array(R).fill(Number(maxIterations > 0));
  while (active.some(Boolean)) {
    const previous = labels;
    labels = await assign(centred, centers);
    const filled = await Promise.all(
      labels.map((own, r) => (active[r] ? fillEmpty(centred, centers, r, own) : Promise.resolve(own))),
    );
    const moved = means(centred, centers, filled, active);
    const shifts = await read(() => tf.sum(tf.squaredDifference(moved, centers), [1, 2]));
    centers.dispose();
    centers = moved;
    for (const [r, own] of labels.entries()) {
      if (!active[r]) continue;
      const repeated = own.length === previous[r].length && own.every((label, i) => label === previous[r][i]);
      iterations[r]++;
      active[r] = Number(!repeated && shifts[r] > tolerance * variance && iterations[r] < maxIterations);
    }
  }
  labels = await assign(centred, centers);
  const results: Clustering[] = [];
  for (const [r, own] of labels.entries()) {
    const [inertia] = await read(() => tf.sum(ownDistances(centred, centers, r, own)));
    const shifted = tf.tidy(() => tf.add<tf.Tensor2D>(tf.reshape(tf.slice(centers, r, 1), [K, -1]), mean));
    results.push({ centers: shifted, labels: own, inertia, iterations: iterations[r] });
  }
  tf.dispose([mean, centred, centers]);
  return results;
}

/** For each start, the nearest centre of each point. In a tie the first centre wins. */
async function assign(points: tf.Tensor2D, centers: tf.Tensor3D): Promise<Int32Array[]> {
  const [R, K, D] = centers.shape;
  const N = points.shape[0];
  const nearest = await read(() => {
    const flat = tf.reshape<tf.Rank.R2>(centers, [R * K, D]);
    const scores = tf.sub(tf.sum(tf.square(flat), 1), tf.mul(tf.matMul(points, flat, false, true), 2));
    return tf.argMin(tf.reshape(scores, [N, R, K]), 2);
  });
  return Array.from({ length: R }, (_, r) => Int32Array.from({ length: N }, (_, i) => nearest[i * R + r]));
}

/** Squared distance of each point from its centre in start r, [N]. */
function ownDistances(points: tf.Tensor2D, centers: tf.Tensor3D, r: number, labels: Int32Array): tf.Tensor1D {
  const own = tf.squeeze<tf.Tensor2D>(tf.slice(centers, r, 1), [0]);
  return tf.sum(tf.squaredDifference(points, tf.gather(own, tf.tensor1d(labels, 'int32'))), 1);
}

/** The means of the clusters of each start, [R, K, D]. Finished starts keep their centres. */
function means(
  points: tf.Tensor2D,
  centers: tf.Tensor3D,
  labels: readonly Int32Array[],
  active: Uint8Array,
): tf.Tensor3D {
  return tf.tidy(() => {
    const [R, K, D] = centers.shape;
    const memberships = labels.map((own) => oneHot(tf.tensor1d(own, 'int32'), K));
    const members = tf.concat(memberships, 1) as tf.Tensor2D;
    const sums = tf.reshape(tf.matMul(members, points, true), [R, K, D]);
    const moved = tf.div(sums, tf.maximum(tf.reshape(tf.sum(members, 0), [R, K, 1]), 1));
    const moves = tf.tensor3d(Float32Array.from(active), [R, 1, 1]);
    return tf.where<tf.Tensor3D>(tf.cast(tf.broadcastTo(moves, [R, K, D]), 'bool'), moved as tf.Tensor3D, centers);
  });
}

/** The labels of start r, after each empty cluster got the point farthest from its centre. */
async function fillEmpty(
  points: tf.Tensor2D,
  centers: tf.Tensor3D,
  r: number,
  labels: Int32Array,
): Promise<Int32Array> {
  const sizes = new Int32Array(centers.shape[1]);
  for (const label of labels) sizes[label]++;
  const empty = [...sizes.keys()].filter((k) => sizes[k] === 0);
  if (empty.length === 0) return labels;
  const values = await read(() => ownDistances(points, centers, r, labels));
  const farthest = Array.from(labels.keys()).sort((i, j) => values[j] - values[i]);
  const filled = labels.slice();
  for (const k of empty) {
    // Never take the last point of a cluster, or that cluster would become empty.
    const at = farthest.findIndex((i) => sizes[filled[i]] > 1);
    const [point] = farthest.splice(at, 1);
    sizes[filled[point]]--;
    sizes[k]++;
    filled[point] = k;
  }
  return filled;
}

async function read(compute: () => tf.Tensor): Promise<tf.TypedArray> {
  const tensor = tf.tidy(compute);
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}
