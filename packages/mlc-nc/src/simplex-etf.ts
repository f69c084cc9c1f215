import { checkCount, checkShapes, OptionError, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A simplex equiangular tight frame (ETF): C unit vectors, as far apart as possible. All pairs have the cosine −1/(C −
 * 1).
 *
 *     E = √(C/(C − 1)) · Q · (I − 11ᵀ/C)
 *
 * @param basis [D, C] Q with orthonormal columns, see {@link orthonormalBasis}
 * @returns [D, C], one column per class
 * @throws ShapeError; OptionError unless D ≥ C ≥ 2
 *
 * Source: Papyan et al., PNAS 2020; MLC-NC (AAAI 2025).
 */
export function simplexEtf(basis: tf.Tensor2D): tf.Tensor2D {
  const { D, C } = checkShapes('simplexEtf', { basis: [basis, 'D C'] });
  checkSizes('simplexEtf', D, C);
  return tf.tidy(() => {
    const centred = tf.sub<tf.Tensor2D>(basis, tf.mean(basis, 1, true));
    return tf.mul(centred, Math.sqrt(C / (C - 1)));
  });
}

/**
 * A random orthonormal basis: Gram–Schmidt on vectors of normal random numbers.
 *
 * @returns [D, C]
 * @throws OptionError unless D ≥ C ≥ 2
 */
export function orthonormalBasis(D: number, C: number, random: RandomStream): tf.Tensor2D {
  checkCount('orthonormalBasis', 'D', D);
  checkCount('orthonormalBasis', 'C', C);
  checkSizes('orthonormalBasis', D, C);
  const columns: Float64Array[] = [];
  for (let c = 0; c < C; c++) {
    const column = Float64Array.from({ length: D }, () => random.normal());
    // Orthogonalise twice: the second pass removes the rounding errors of the first.
    for (const other of [...columns, ...columns]) {
      const along = other.reduce((sum, value, d) => sum + value * column[d], 0);
      for (let d = 0; d < D; d++) column[d] -= along * other[d];
    }
    const length = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0));
    columns.push(column.map((value) => value / length));
  }
  const values = Float32Array.from({ length: D * C }, (_, i) => columns[i % C][Math.floor(i / C)]);
  return tf.tensor2d(values, [D, C]);
}

function checkSizes(where: string, D: number, C: number): void {
  if (D >= C && C >= 2) return;
  throw new OptionError({ where, argument: 'basis', expected: '[D, C] with D ≥ C ≥ 2', received: `[${D}, ${C}]` });
}
