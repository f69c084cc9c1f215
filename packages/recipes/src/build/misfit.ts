import { LtmlError } from '@ltml/tensor';
import { EntryError } from '../usage-error.ts';

/** The recipe entry that a method's part or option comes from. */
const entries: readonly (readonly [argument: RegExp, entry: string])[] = [
  [/^parts\.(encoder|student|keyEncoder|features)\b/, 'encoder'],
  [/^parts\.classEmbeddings\b/, 'method.classEmbeddings'],
  [/^parts\.(teacher|textTower|tokenizer|prompts)\b/, 'method.clip'],
  [/^(freeze|options)\b/, 'method.options'],
];

/**
 * Rewrites an error of a method about its parts or options as an error about the recipe. Returns other errors
 * unchanged.
 */
export function misfit(error: unknown): unknown {
  if (!LtmlError.is(error)) return error;
  const { argument, expected, received, hint } = error;
  const entry = entries.find(([pattern]) => pattern.test(argument))?.[1] ?? 'method';
  const subject = argument.startsWith('parts.') ? '' : `${argument} `;
  return new EntryError(`${subject}should be ${expected}, got ${received}${hint ? `. ${hint}` : ''}`, entry);
}
