import { DataError } from '@ltml/tensor';

/**
 * Solves S · X = Y for a symmetric positive definite S by Cholesky's decomposition, in float64.
 *
 * @param s [D, D] row by row
 * @param y [D, K] row by row; X takes its place
 * @throws DataError if S is not positive definite
 */
export function solvePositive(s: Float64Array, y: Float64Array, D: number): void {
  const K = y.length / D;
  const l = s.slice();
  for (let i = 0; i < D; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i * D + j];
      for (let m = 0; m < j; m++) sum -= l[i * D + m] * l[j * D + m];
      if (i > j) l[i * D + j] = sum / l[j * D + j];
      else if (sum > 0) l[i * D + i] = Math.sqrt(sum);
      else {
        const expected = 'positive definite';
        throw new DataError({ where: 'solvePositive', argument: 's', expected, received: `a pivot of ${sum}` });
      }
    }
  }
  for (let i = 0; i < D; i++) {
    for (let m = 0; m < i; m++) for (let c = 0; c < K; c++) y[i * K + c] -= l[i * D + m] * y[m * K + c];
    for (let c = 0; c < K; c++) y[i * K + c] /= l[i * D + i];
  }
  for (let i = D - 1; i >= 0; i--) {
    for (let m = i + 1; m < D; m++) for (let c = 0; c < K; c++) y[i * K + c] -= l[m * D + i] * y[m * K + c];
    for (let c = 0; c < K; c++) y[i * K + c] /= l[i * D + i];
  }
}
