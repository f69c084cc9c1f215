import { checkCount, DataError, OptionError } from '@ltml/tensor';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** The first principal direction of a set of vectors. */
export interface PrincipalDirection {
  /** [K] of absolute sum 1 and positive mean. */
  readonly direction: Float64Array;
  /** [K] the variance along each principal direction, falling. */
  readonly explainedVariance: Float64Array;
}

/**
 * The direction along which scores vary most, as weights that a class's scores are merged by.
 *
 * Edge cases: where its mean is but rounding noise, which two columns that go against each other give, its last entry that
 * is none is positive.
 *
 * @param covariance [K, K] row by row
 * @throws OptionError unless it is square; DataError on NaN and infinity, which scores of such cosines have
 * Source: SPARC, CVPR 2025, released code; the edge case is ours.
 */
export function principalDirection(covariance: ArrayLike<number>, K: number): PrincipalDirection {
  checkCount('principalDirection', 'K', K);
  if (covariance.length !== K * K) {
    const [expected, received] = [`of ${K} × ${K} entries`, `${covariance.length}`];
    throw new OptionError({ where: 'principalDirection', argument: 'covariance', expected, received });
  }
  const entries = Array.from(covariance);
  const bad = entries.find((entry) => !Number.isFinite(entry));
  if (bad !== undefined) {
    const expected = 'finite, as that of finite scores is';
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
