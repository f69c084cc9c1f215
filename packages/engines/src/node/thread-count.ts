import { availableParallelism } from 'node:os';
import { OptionError } from '@ltml/tensor';

/**
 * Number of threads that an engine may use: `$LTML_THREADS`, else the number of cores available to this process.
 *
 * @throws OptionError unless the variable is a whole number of at least 1
 */
export function threadCount(): number {
  const given = process.env.LTML_THREADS;
  if (!given) return availableParallelism();
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new OptionError({
    where: 'useBackend',
    argument: 'LTML_THREADS',
    expected: 'a whole number of threads, 1 or more',
    received: `"${given}"`,
  });
}
