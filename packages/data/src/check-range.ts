import { checkNumber, type NumberRange, OptionError } from '@ltml/tensor';

/**
 * Checks a pair of ends, low and high: both in `bounds`, and in order.
 *
 * @throws OptionError
 */
export function checkRange(
  where: string,
  argument: string,
  range: readonly [low: number, high: number],
  bounds: NumberRange = {},
): void {
  const [low, high] = range;
  checkNumber(where, `${argument}[0]`, low, bounds);
  checkNumber(where, `${argument}[1]`, high, bounds);
  if (low <= high) return;
  throw new OptionError({ where, argument, expected: 'two numbers, low ≤ high', received: `${low}, ${high}` });
}
