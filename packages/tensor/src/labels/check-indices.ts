import { DataError } from '../errors.ts';

/**
 * Checks that values are indices: of images, of classes.
 *
 * @param count how many there are to choose from; left out where that is not known
 * @throws DataError on what is no whole number from 0 to count − 1, naming its place
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
