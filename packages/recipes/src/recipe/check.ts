import type { z } from 'zod';
import { UsageError } from '../usage-error.ts';
import { describeIssue } from './describe-issue.ts';
import { type Path, placed, type RecipeSource } from './source.ts';

/**
 * Checks a recipe against a schema and fills in the schema's defaults. Refuses the entry name `__proto__`, which schemas
 * would drop.
 *
 * @throws UsageError with one line for each mistake: place, entry, what is wrong
 */
export function checkRecipe<T>({ value, locate }: RecipeSource, schema: z.ZodType<T>): T {
  const odd = protoIn(value);
  if (odd) throw new UsageError(placed(locate, odd, 'no entry can have this name'));
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    return placed(locate, issue.path, issue.message, [...issue.path, ...unknown.slice(0, 1)]);
  });
  throw new UsageError(...lines);
}

/** Where an entry is called `__proto__`. */
function protoIn(value: unknown, path: Path = []): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, entry] of Object.entries(value)) {
    const at = [...path, key];
    const found = key === '__proto__' ? at : protoIn(entry, at);
    if (found) return found;
  }
  return undefined;
}
