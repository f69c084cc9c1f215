import { DataError } from '../errors.ts';
import { placeOf } from './place-of.ts';

/**
 * Checks that values on the host are the numbers 0 and 1: labels, or a mask of known labels.
 *
 * @param shape shape of the values, row-major; the error uses it to give the position of the first bad value
 * @throws DataError on any other value: −1, fractions, NaN, booleans
 */
export function checkBits(where: string, argument: string, values: ArrayLike<number>, shape: readonly number[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === 0 || value === 1) continue;
    throw new DataError({
      where,
      argument,
      expected: '0 or 1 everywhere',
      received: `${value} at [${placeOf(i, shape)}]`,
      // In an array of bytes −1 is 255.
      ...((value === -1 || value === 255) && { hint: 'Mark unknown labels in `known`, not as −1.' }),
      ...(typeof value === 'boolean' && { hint: 'Use the numbers 1 and 0.' }),
    });
  }
}
