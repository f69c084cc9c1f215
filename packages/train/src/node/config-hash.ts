import { createHash } from 'node:crypto';
import { OptionError } from '@ltml/tensor';

/**
 * SHA-256 of a configuration, independent of the order of keys. It tells whether a checkpoint belongs to a
 * configuration.
 *
 * @throws OptionError for values that are not JSON
 */
export function configHash(config: unknown): string {
  return createHash('sha256').update(canonical(config)).digest('hex');
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  let problem: string = typeof value;
  let cause: unknown;
  try {
    const text = JSON.stringify(value, (_, entry: unknown) =>
      entry !== null && typeof entry === 'object' && !Array.isArray(entry)
        ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
        : entry,
    ) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    // A cycle, a BigInt, or nesting too deep for the stack.
    cause = error;
    problem = (error as Error).message;
  }
  throw new OptionError({ where: 'configHash', argument: 'config', expected: 'plain JSON', received: problem, cause });
}
