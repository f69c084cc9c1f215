import { checkNumber, OptionError } from '@ltml/tensor';

/** Whether a score means that the class is present. */
export type Decision = (score: number) => boolean;

/** Present where the logit is over `limit`: the released code of DB loss takes 0. @throws OptionError on NaN */
export function logitAbove(limit: number): Decision {
  checkLimit('logitAbove', limit);
  return (score) => score > limit;
}

/** Present where the logit is at least `limit`: SARB takes 0. @throws OptionError on NaN */
export function logitAtLeast(limit: number): Decision {
  checkLimit('logitAtLeast', limit);
  return (score) => score >= limit;
}

/**
 * Scores are logits; present where their sigmoid is at least `limit`: CPRFL takes 0.5 and 0.8.
 *
 * The logit of the limit is compared, so that rounding of the sigmoid decides nothing.
 *
 * @throws OptionError on a limit outside [0, 1]
 */
export function probabilityAtLeast(limit: number): Decision {
  checkNumber('probabilityAtLeast', 'limit', limit, { min: 0, max: 1 });
  return logitAtLeast(Math.log(limit / (1 - limit)));
}

/** An infinite limit is one: all are present, or none. */
function checkLimit(where: string, limit: number): void {
  if (typeof limit === 'number' && !Number.isNaN(limit)) return;
  throw new OptionError({ where, argument: 'limit', expected: 'a number', received: `${limit}` });
}
