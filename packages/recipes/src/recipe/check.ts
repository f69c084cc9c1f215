import { nearestName } from '@ltml/tensor';
import { z } from 'zod';
import { UsageError } from '../usage-error.ts';
import type { RecipeSource } from './source.ts';

/**
 * Checks a recipe against its schema and fills in the defaults.
 *
 * @throws UsageError with one line for each mistake: place, entry, what is wrong
 */
export function checkRecipe<T>(source: RecipeSource, schema: z.ZodType<T>): T {
  const result = schema.safeParse(source.value, { error: describe });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = [...issue.path, ...unknown.slice(0, 1)];
    const entry = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    return `${source.locate(path)}: ${entry}${issue.message}`;
  });
  throw new UsageError(...lines);
}

/** Unknown keys and names are answered with the known ones; the rest is zod's to say. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject) {
    const known = Object.keys(issue.inst.shape);
    const unknown = issue.keys.map((key) => `"${key}"`).join(', ');
    const meant = nearestName(issue.keys[0], known);
    return `unknown ${unknown}${meant ? ` (${meant}?)` : ''}; known: ${known.join(', ')}`;
  }
  if (issue.code === 'invalid_union' && Array.isArray(issue.options)) {
    return `should be one of ${issue.options.join(', ')}`;
  }
  return undefined;
}
