import { DataError } from '../errors.ts';

/**
 * Checks that values are indices of images or classes.
 *
 * @param count the number of images or classes; left out if it is not known
 * @throws DataError naming the first value that is not a whole number from 0 to count − 1
 */
export function checkIndices(
  where: string,
  argument: string,
  indices: ArrayLike<number>,
  count: number = Number.MAX_SAFE_INTEGER,
): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (Number.isSafeInteger(index) && index >= 0 && index < count) continue;
    throw new DataError({
      where,
      argument: `${argument}[${i}]`,
      expected: count === Number.MAX_SAFE_INTEGER ? 'a whole number from 0' : `an index below ${count}`,
      received: `${index}`,
    });
  }
}
