import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { asFloats } from '../core/checks.ts';

/**
 * Σ_{ij} (cos(s_i, s_j) − cos(s'_i, s'_j))²: compares the angles within one set of vectors with those within another.
 *
 * @param s [K, D] vectors
 * @param reference [K, D] the vectors s' to compare with; they get a gradient too
 * @returns a scalar ≥ 0
 * @throws ShapeError
 *
 * Rows are divided by their L2 norm, at least 1e-12. Memory grows with K².
 * Source: `CosLoss` in the code of CPRFL (ACM MM 2024); their training does not use it.
 */
export function cosineSimilarityLoss(s: tf.Tensor2D, reference: tf.Tensor2D): tf.Scalar {
  checkShapes('cosineSimilarityLoss', { s: [s, 'K D'], reference: [reference, 'K D'] });
  if (s.size === 0) return nothingToCompare(s, reference, 0);
  return unitRowLoss(s, reference, (a, b) => {
    const difference = tf.sub(tf.matMul(a, a, false, true), tf.matMul(b, b, false, true));
    return {
      value: tf.sum(tf.square(difference)),
      byA: tf.mul(4, tf.matMul(difference, a)),
      byB: tf.mul(-4, tf.matMul(difference, b)),
    };
  });
}

/**
 * Σ_i (1 − cos(s_i, s'_i)): the angle between each vector and its counterpart.
 *
 * @param s [K, D] vectors
 * @param reference [K, D] the counterparts s'; they get a gradient too
 * @returns a scalar in [0, 2K]
 * @throws ShapeError
 *
 * Rows are divided by their L2 norm, at least 1e-12.
 * Source: `ReConsLoss` in the code of CPRFL (ACM MM 2024); their training does not use it.
 */
export function reconstructionLoss(s: tf.Tensor2D, reference: tf.Tensor2D): tf.Scalar {
  const { K } = checkShapes('reconstructionLoss', { s: [s, 'K D'], reference: [reference, 'K D'] });
  if (s.size === 0) return nothingToCompare(s, reference, K);
  return unitRowLoss(s, reference, (a, b) => ({
    value: tf.sub(s.shape[0], tf.sum(tf.mul(a, b))),
    byA: tf.neg(b),
    byB: tf.neg(a),
  }));
}

/** The loss of tensors without entries, for which some engines fail or return stale memory. */
function nothingToCompare(s: tf.Tensor2D, reference: tf.Tensor2D, value: number): tf.Scalar {
  const loss = tf.customGrad((_first, _second) => ({
    value: tf.scalar(value),
    gradFunc: () => [tf.zeros(s.shape), tf.zeros(reference.shape)],
  }));
  return loss(s, reference) as tf.Scalar;
}

/** A loss of rows of length 1 and its derivatives; the gradient continues through the normalisation. */
function unitRowLoss(
  s: tf.Tensor2D,
  reference: tf.Tensor2D,
  compute: (a: tf.Tensor2D, b: tf.Tensor2D) => { value: tf.Scalar; byA: tf.Tensor2D; byB: tf.Tensor2D },
): tf.Scalar {
  const loss = tf.customGrad((first, second, save) => {
    const a = unitRows(first as tf.Tensor2D);
    const b = unitRows(second as tf.Tensor2D);
    const { value, byA, byB } = compute(a.unit, b.unit);
    (save as tf.GradSaveFunc)([through(a, byA), through(b, byB)]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved.map((gradient) => tf.mul(gradient, dy)) };
  });
  return tf.tidy(() => loss(asFloats(s), asFloats(reference)) as tf.Scalar);
}

interface UnitRows {
  readonly unit: tf.Tensor2D;
  /** [K, 1], at least 1e-12. */
  readonly norm: tf.Tensor2D;
}

function unitRows(rows: tf.Tensor2D): UnitRows {
  // Not l2Normalize of @ltml/tensor: its gradient would add three ops to both losses.
  const norm = tf.maximum<tf.Tensor2D>(tf.sqrt(tf.sum(tf.square(rows), 1, true)), 1e-12);
  return { unit: tf.div(rows, norm), norm };
}

/** (g − u·⟨u, g⟩)/‖row‖, where g is the gradient with respect to the unit row u. */
function through({ unit, norm }: UnitRows, gradient: tf.Tensor2D): tf.Tensor2D {
  const along = tf.sum(tf.mul(unit, gradient), 1, true);
  return tf.div(tf.sub(gradient, tf.mul(unit, along)), norm);
}
