import { checkNumber, type NumberRange } from './check-options.ts';
import { OptionError } from './errors.ts';

/**
 * Checks a pair [low, high]: both ends must lie in `bounds`, and low must not exceed high.
 *
 * @throws OptionError
 */
export function checkRange(
  where: string,
  argument: string,
  range: readonly [low: number, high: number],
  bounds: NumberRange = {},
): void {
  const pair = Array.isArray(range) && range.length === 2;
  if (pair) for (const [i, end] of range.entries()) checkNumber(where, `${argument}[${i}]`, end, bounds);
  if (pair && range[0] <= range[1]) return;
  throw new OptionError({ where, argument, expected: 'two numbers, low ≤ high', received: String(range) });
}
