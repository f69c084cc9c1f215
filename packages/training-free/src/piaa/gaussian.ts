import { checkShapes, DataError, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** A linear classifier of patches: logits = fᵀ W + b. All arrays are float64 and row-major. */
export interface PatchClassifier {
  /** C */
  readonly classes: number;
  /** D */
  readonly features: number;
  /** [D, C] */
  readonly weight: Float64Array;
  /** [C] */
  readonly bias: Float64Array;
  /** [C, D] μ */
  readonly means: Float64Array;
}

/** Patches with their classes and weights. */
export interface LabelledPatches {
  /** [M, D] */
  readonly features: tf.Tensor2D;
  /** [M] */
  readonly classes: ArrayLike<number>;
  /** [M] weight of each patch in the mean of its class. */
  readonly weights: ArrayLike<number>;
}

/**
 * Gaussian discriminant analysis with one covariance for all classes, as a linear classifier:
 *
 *     W = D · ((M − 1) Σ + tr(Σ) I)⁻¹ μᵀ,  b_c = log(1 / C) − ½ μ_c · W_c
 *
 * - μ_c is the weighted mean of the patches of a class, or its text embedding if it has no patches.
 * - Σ is the covariance of the patches after subtracting the μ of their class, with the divisor M − 1. Their common
 *   mean is subtracted too.
 *
 * The products [D, D] of one class at a time are read back and summed in float64.
 *
 * @param text [C, D] class embeddings, unit vectors
 * @throws DataError for fewer than two patches, and if all patches equal the mean of their class; ShapeError,
 *   OptionError
 *
 * Source: PIAA, arXiv 2605.25821, released code; the shrinkage is that of Wang et al., ICLR 2024.
 */
export async function gaussianClassifier(
  { features, classes, weights }: LabelledPatches,
  text: tf.Tensor2D,
): Promise<PatchClassifier> {
  const where = 'gaussianClassifier';
  const { M, C, D } = checkShapes(where, {
    'patches.features': [features, 'M D'],
    'patches.classes': [{ shape: [classes.length] }, 'M'],
    'patches.weights': [{ shape: [weights.length] }, 'M'],
    text: [text, 'C D'],
  });
  if (M < 2) {
    throw new DataError({
      where,
      argument: 'patches',
      expected: 'at least two, to compute a covariance',
      received: `${M}`,
    });
  }
  const members = membersOf(where, classes, C);
  const means = Float64Array.from(await text.data());
  const products = new Float64Array(D * D);
  const sums = new Float64Array(D);
  for (const [c, rows] of members.entries()) {
    if (rows.length === 0) continue;
    const own = Float32Array.from(rows, (row) => weights[row]);
    const parts = tf.tidy(() => momentsOf(features, rows, own));
    const [mean, product, sum] = await Promise.all(parts.map((part) => part.data()));
    tf.dispose(parts);
    means.set(mean, c * D);
    for (let i = 0; i < D * D; i++) products[i] += product[i];
    for (let i = 0; i < D; i++) sums[i] += sum[i];
  }
  return solve({ M, C, D, means, products, sums });
}

function membersOf(where: string, classes: ArrayLike<number>, C: number): number[][] {
  const members: number[][] = Array.from({ length: C }, () => []);
  for (let row = 0; row < classes.length; row++) {
    const own = members[classes[row]];
    if (!own) {
      const [expected, received] = [`integers from 0 to ${C - 1}`, `${classes[row]}`];
      throw new OptionError({ where, argument: 'patches.classes', expected, received });
    }
    own.push(row);
  }
  return members;
}

/**
 * Moments of the patches of a class: their weighted mean [1, D]; and, for X = patches − mean, Xᵀ X [D, D] and ΣX [D].
 */
function momentsOf(features: tf.Tensor2D, rows: readonly number[], weights: Float32Array): tf.Tensor[] {
  const own = tf.gather(features, tf.tensor1d([...rows], 'int32'));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = tf.matMul(tf.div<tf.Tensor2D>(tf.tensor2d(weights, [1, rows.length]), total), own);
  const centred = tf.sub<tf.Tensor2D>(own, mean);
  return [mean, tf.matMul(centred, centred, true, false), tf.sum(centred, 0)];
}

interface Moments extends Readonly<Record<'M' | 'C' | 'D', number>> {
  readonly means: Float64Array;
  /** Σ x xᵀ. It is turned into the matrix of the linear system in place. */
  readonly products: Float64Array;
  readonly sums: Float64Array;
}

function solve({ M, C, D, means, products, sums }: Moments): PatchClassifier {
  let trace = 0;
  for (let i = 0; i < D; i++) {
    for (let j = 0; j < D; j++) products[i * D + j] -= (sums[i] * sums[j]) / M;
    trace += products[i * D + i] / (M - 1);
  }
  if (!(trace > 0)) {
    const expected = 'patches that differ from the mean of their class';
    throw new DataError({ where: 'gaussianClassifier', argument: 'patches', expected, received: 'none' });
  }
  for (let i = 0; i < D; i++) products[i * D + i] += trace;
  const scaled = new Matrix(D, C);
  for (let c = 0; c < C; c++) for (let i = 0; i < D; i++) scaled.set(i, c, D * means[c * D + i]);
  const solved = new CholeskyDecomposition(Matrix.from1DArray(D, D, Array.from(products))).solve(scaled);
  const weight = Float64Array.from(solved.to1DArray());
  const bias = Float64Array.from({ length: C }, (_, c) => {
    let along = 0;
    for (let i = 0; i < D; i++) along += means[c * D + i] * weight[i * C + c];
    return -Math.log(C) - along / 2;
  });
  return { classes: C, features: D, weight, bias, means };
}
