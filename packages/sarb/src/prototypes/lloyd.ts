import { checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../one-hot.ts';

export interface LloydOptions {
  /** Rounds of assignment and update at most; default 300. */
  readonly maxIterations?: number;
  /**
   * Stops when the squared shifts of the centres add up to no more than this times the variance of the points, meaned
   * over features; default 1e-4.
   */
  readonly tolerance?: number;
}

export interface Clustering {
  /** [K, D], the caller's. */
  readonly centers: tf.Tensor2D;
  /** [N] the centre nearest to each point. */
  readonly labels: Int32Array;
  /** Squared distances of the points from their centres, summed. */
  readonly inertia: number;
  /** Rounds until the stop. */
  readonly iterations: number;
}

/**
 * Lloyd's algorithm from given centres: assigns each point to its nearest centre, moves the centres to the means of their
 * points, and so on until the assignment repeats or the centres hardly move.
 *
 * Axes: N points, K centres, D features.
 *
 * @param points [N, D]
 * @param start [K, D]; centres keep its order
 * @throws ShapeError, OptionError
 *
 * A centre that loses all its points moves to the point farthest from its own centre, which leaves its old cluster. Labels
 * and inertia are those of the centres that are returned.
 * Source: Lloyd 1982; rules of stopping and of empty clusters as in scikit-learn's `KMeans`, which the authors call.
 */
export async function lloyd(points: tf.Tensor2D, start: tf.Tensor2D, options: LloydOptions = {}): Promise<Clustering> {
  checkOptionNames('lloyd', options, ['maxIterations', 'tolerance']);
  const { maxIterations = 300, tolerance = 1e-4 } = options;
  const { K } = checkShapes('lloyd', { points: [points, 'N D'], start: [start, 'K D'] });
  // Distances lose no digits to a common offset.
  const mean = tf.mean<tf.Tensor1D>(points, 0);
  const centred = tf.sub<tf.Tensor2D>(points, mean);
  let centers = tf.sub<tf.Tensor2D>(start, mean);
  const threshold = tolerance * (await readScalar(() => tf.mean(tf.square(centred))));
  let labels = new Int32Array(0);
  let iterations = 0;
  for (let repeated = false, shift = Number.POSITIVE_INFINITY; iterations < maxIterations; iterations++) {
    if (repeated || shift <= threshold) break;
    const previous = labels;
    labels = await assign(centred, centers);
    repeated = labels.length === previous.length && labels.every((label, i) => label === previous[i]);
    const filled = await fillEmpty(centred, centers, labels, K);
    const moved = means(centred, filled, K);
    shift = await readScalar(() => tf.sum(tf.squaredDifference(moved, centers)));
    centers.dispose();
    centers = moved;
  }
  labels = await assign(centred, centers);
  const inertia = await readScalar(() => tf.sum(ownDistances(centred, centers, labels)));
  const result = tf.tidy(() => tf.add<tf.Tensor2D>(centers, mean));
  tf.dispose([mean, centred, centers]);
  return { centers: result, labels, inertia, iterations };
}

/** The nearest centre of each point; the first of equally near ones. */
async function assign(points: tf.Tensor2D, centers: tf.Tensor2D): Promise<Int32Array<ArrayBuffer>> {
  const nearest = tf.tidy(() => {
    const norms = tf.sum(tf.square(centers), 1);
    return tf.argMin(tf.sub(norms, tf.mul(tf.matMul(points, centers, false, true), 2)), 1);
  });
  const labels = Int32Array.from(await nearest.data());
  nearest.dispose();
  return labels;
}

/** Squared distance of each point from its centre, [N]. */
function ownDistances(points: tf.Tensor2D, centers: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  return tf.sum(tf.squaredDifference(points, tf.gather(centers, tf.tensor1d(labels, 'int32'))), 1);
}

function means(points: tf.Tensor2D, labels: Int32Array, K: number): tf.Tensor2D {
  return tf.tidy(() => {
    const members = oneHot(tf.tensor1d(labels, 'int32'), K);
    return tf.div(tf.matMul(members, points, true), tf.expandDims(tf.sum(members, 0), 1));
  });
}

/** The labels, with the farthest points given to clusters that have none. */
async function fillEmpty(
  points: tf.Tensor2D,
  centers: tf.Tensor2D,
  labels: Int32Array,
  K: number,
): Promise<Int32Array> {
  const sizes = new Int32Array(K);
  for (const label of labels) sizes[label]++;
  const empty = [...sizes.keys()].filter((k) => sizes[k] === 0);
  if (empty.length === 0) return labels;
  const distances = tf.tidy(() => ownDistances(points, centers, labels));
  const values = await distances.data();
  distances.dispose();
  const farthest = Array.from(labels.keys()).sort((i, j) => values[j] - values[i]);
  const filled = labels.slice();
  for (const k of empty) {
    // Not the last point of a cluster, which would be empty then.
    const at = farthest.findIndex((i) => sizes[filled[i]] > 1);
    const [point] = farthest.splice(at, 1);
    sizes[filled[point]]--;
    sizes[k]++;
    filled[point] = k;
  }
  return filled;
}

async function readScalar(compute: () => tf.Tensor): Promise<number> {
  const scalar = tf.tidy(compute);
  const [value] = await scalar.data();
  scalar.dispose();
  return value;
}
