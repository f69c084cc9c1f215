import { checkCount, DataError, OptionError } from '@ltml/tensor';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Result of {@link principalDirection}. */
export interface PrincipalDirection {
  /** [K] with a sum of absolute values of 1, and a positive mean. */
  readonly direction: Float64Array;
  /** [K] variance along each principal direction, descending. */
  readonly explainedVariance: Float64Array;
}

/**
 * The first principal direction: the direction of largest variance, as weights for merging the scores of a class.
 *
 * Edge cases: with two opposite columns the mean is only rounding error. Then the sign is such that the last entry that
 * is not rounding error is positive.
 *
 * @param covariance [K, K] row-major
 * @throws OptionError unless it has K × K entries; DataError for NaN and infinity
 *
 * Source: SPARC, CVPR 2025, released code. The edge case is ours.
 */
export function principalDirection(covariance: ArrayLike<number>, K: number): PrincipalDirection {
  checkCount('principalDirection', 'K', K);
  if (covariance.length !== K * K) {
    const [expected, received] = [`${K} × ${K} entries`, `${covariance.length}`];
    throw new OptionError({ where: 'principalDirection', argument: 'covariance', expected, received });
  }
  const entries = Array.from(covariance);
  const bad = entries.find((entry) => !Number.isFinite(entry));
  if (bad !== undefined) {
    const expected = 'finite numbers (scores with NaN or infinity have no finite covariance)';
    throw new DataError({ where: 'principalDirection', argument: 'covariance', expected, received: `${bad}` });
  }
  const matrix = Matrix.from1DArray(K, K, entries);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = Array.from(realEigenvalues.keys()).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const v = eigenvectorMatrix.getColumn(order[0]);
  const mean = v.reduce((sum, entry) => sum + entry, 0) / K;
  const largest = v.reduce((max, entry) => Math.max(max, Math.abs(entry)), 0);
  const total = v.reduce((sum, entry) => sum + Math.abs(entry), 0);
  const isNoise = (entry: number): boolean => Math.abs(entry) < 1e-6 * largest;
  const sign = Math.sign(isNoise(mean) ? (v.findLast((entry) => !isNoise(entry)) ?? 1) : mean);
  return {
    direction: Float64Array.from(v, (entry) => (sign * entry) / total),
    explainedVariance: Float64Array.from(order, (i) => realEigenvalues[i]),
  };
}
