import { availableParallelism } from 'node:os';
import { OptionError } from '@ltml/tensor';

/**
 * Threads that an engine may compute with: `$LTML_THREADS`, else as many as there are cores for this process.
 *
 * @throws OptionError if the variable is no whole number of 1 or more
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
