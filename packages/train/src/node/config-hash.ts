import { createHash } from 'node:crypto';
import { OptionError } from '@ltml/tensor';

/**
 * SHA-256 of a configuration, whatever the order of its keys; for a checkpoint to know its own by.
 *
 * @throws OptionError for what is no JSON
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
    // A circle, a BigInt, or more levels than the stack has.
    cause = error;
    problem = (error as Error).message;
  }
  throw new OptionError({ where: 'configHash', argument: 'config', expected: 'plain JSON', received: problem, cause });
}
