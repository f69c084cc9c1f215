import { nearestName } from '@ltml/tensor';
import * as z from 'zod';
import { pathsTo } from './paths-to.ts';

/** Describes an issue of a schema in plain words. Issues with a message of their own do not come here. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject) {
    const known = Object.keys(issue.inst.shape);
    const unknown = issue.keys.map((key) => `"${key}"`).join(', ');
    const elsewhere = pathsTo(issue.keys[0], issue.inst).slice(0, 3).join(' or ');
    const meant = elsewhere || nearestName(issue.keys[0], known);
    return `unknown ${unknown}${meant ? ` (${meant}?)` : ''}; known: ${known.join(', ')}`;
  }
  const expected = expectation(issue as z.core.$ZodIssue);
  if (expected === undefined) return undefined;
  // If a part is chosen by its name, the name is wrong, not the object.
  const key = issue.code === 'invalid_union' ? issue.discriminator : undefined;
  if (key !== undefined) return `should be ${expected}${hint(issue, key)}`;
  if (issue.input === undefined) return `should be ${expected}`;
  return `should be ${expected}, got ${received(issue.input)}`;
}

/** A suggestion: the most similar known name. */
function hint(issue: z.core.$ZodRawIssue, key: string): string {
  const name = (issue.input as Readonly<Record<string, unknown>> | undefined)?.[key];
  const known = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const meant = typeof name === 'string' ? nearestName(name, known) : undefined;
  return meant === undefined ? '' : ` (${meant}?)`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'entries',
  record: 'entries',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
};

/** The text after "should be"; undefined to use zod's own message. */
function expectation(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected];
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive ? 'at least' : 'above', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive ? 'at most' : 'below', issue.maximum);
    case 'invalid_union': {
      if ('options' in issue && Array.isArray(issue.options)) return `one of ${issue.options.join(', ')}`;
      const parts = issue.errors.map(([first]) => first && expectation(first));
      return parts.includes(undefined) ? undefined : [...new Set(parts)].join(' or ');
    }
    default:
      return undefined;
  }
}

function bound(origin: string, comparison: string, limit: number | bigint | string | Date): string {
  if (origin === 'string') return `of ${comparison} ${limit} characters`;
  if (origin === 'array') return `a list of ${comparison} ${limit} entries`;
  return `${comparison} ${limit}`;
}

/** A value as it was written, shortened to 60 characters. */
function received(input: unknown): string {
  const text = typeof input === 'number' ? String(input) : (JSON.stringify(input) ?? String(input));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
