import { checkNumber, OptionError } from '@ltml/tensor';

/** Decides from a score whether the class is present. */
export type Decision = (score: number) => boolean;

/** Present if the logit is above `limit`; the released code of DB loss uses 0. @throws OptionError on NaN */
export function logitAbove(limit: number): Decision {
  checkLimit('logitAbove', limit);
  return (score) => score > limit;
}

/** Present if the logit is at least `limit`; SARB uses 0. @throws OptionError on NaN */
export function logitAtLeast(limit: number): Decision {
  checkLimit('logitAtLeast', limit);
  return (score) => score >= limit;
}

/**
 * Present if the sigmoid of the logit is at least `limit`; CPRFL uses 0.5 and 0.8.
 *
 * It compares the logit with the logit of the limit, so that rounding in the sigmoid has no effect.
 *
 * @throws OptionError on a limit outside [0, 1]
 */
export function probabilityAtLeast(limit: number): Decision {
  checkNumber('probabilityAtLeast', 'limit', limit, { min: 0, max: 1 });
  return logitAtLeast(Math.log(limit / (1 - limit)));
}

/** An infinite limit is allowed: then every class is present, or none. */
function checkLimit(where: string, limit: number): void {
  if (typeof limit === 'number' && !Number.isNaN(limit)) return;
  throw new OptionError({ where, argument: 'limit', expected: 'a number', received: `${limit}` });
}
