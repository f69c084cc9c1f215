import { OptionError } from '@ltml/tensor';

/** Whether a score means that the class is present. */
export type Decision = (score: number) => boolean;

/** Present where the logit is over `limit`: the released code of DB loss takes 0. */
export function logitAbove(limit: number): Decision {
  return (score) => score > limit;
}

/** Present where the logit is at least `limit`: SARB takes 0. */
export function logitAtLeast(limit: number): Decision {
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
  if (!(limit >= 0 && limit <= 1)) {
    throw new OptionError({
      where: 'probabilityAtLeast',
      argument: 'limit',
      expected: 'a probability in [0, 1]',
      received: `${limit}`,
    });
  }
  return logitAtLeast(Math.log(limit / (1 - limit)));
}
