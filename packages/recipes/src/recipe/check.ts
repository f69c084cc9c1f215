import type { z } from 'zod';
import { UsageError } from '../usage-error.ts';
import { describeIssue } from './describe-issue.ts';
import { placed, type RecipeSource } from './source.ts';

/**
 * Checks a recipe against its schema and fills in the defaults.
 *
 * @throws UsageError with one line for each mistake: place, entry, what is wrong
 */
export function checkRecipe<T>({ value, locate }: RecipeSource, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    return placed(locate, issue.path, issue.message, [...issue.path, ...unknown.slice(0, 1)]);
  });
  throw new UsageError(...lines);
}
