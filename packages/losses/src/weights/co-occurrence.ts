import { checkNumber, DataError, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * How often classes occur together, in the form that `priorFocalModifier` takes: counts with each column divided by its
 * sum.
 *
 * @param counts C rows of C: the number of training images with both classes, `cooccurrence` of `classStatistics`
 * @returns [C, C]
 * @throws OptionError if there are not C rows of C counts from 0 on; DataError if the sum of a column is 0
 */
export function coOccurrenceShares(counts: readonly ArrayLike<number>[]): tf.Tensor2D {
  const where = 'coOccurrenceShares';
  const C = counts.length;
  const odd = counts.findIndex((row) => row.length !== C);
  if (odd >= 0) {
    const received = `${counts[odd].length} in row ${odd}`;
    throw new OptionError({ where, argument: 'counts', expected: `C = ${C} rows of C counts`, received });
  }
  const shares = new Float32Array(C * C);
  for (let k = 0; k < C; k++) {
    let sum = 0;
    for (let j = 0; j < C; j++) {
      checkNumber(where, `counts[${j}][${k}]`, counts[j][k], { min: 0 });
      sum += counts[j][k];
    }
    if (!(sum > 0 && Number.isFinite(sum))) {
      throw new DataError({
        where,
        argument: `counts, column ${k},`,
        expected: 'a sum above 0',
        received: `${sum}`,
        hint: 'Let the diagonal hold the count of each class, and remove classes that no image has',
      });
    }
    for (let j = 0; j < C; j++) shares[j * C + k] = counts[j][k] / sum;
  }
  return tf.tensor2d(shares, [C, C]);
}
