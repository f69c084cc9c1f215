import { LtmlError } from '@ltml/tensor';
import { EntryError } from '../usage-error.ts';

/** Which entry of a recipe a method's part or option comes from. */
const entries: readonly (readonly [argument: RegExp, entry: string])[] = [
  [/^parts\.(encoder|student|keyEncoder|features)\b/, 'encoder'],
  [/^parts\.classEmbeddings\b/, 'method.classEmbeddings'],
  [/^parts\.(teacher|textTower|tokenizer|prompts)\b/, 'method.clip'],
  [/^(freeze|options)\b/, 'method.options'],
];

/** What a method says of parts or options that do not go together, as it is of the recipe; other errors as they are. */
export function misfit(error: unknown): unknown {
  if (!LtmlError.is(error)) return error;
  const { argument, expected, received, hint } = error;
  const entry = entries.find(([pattern]) => pattern.test(argument))?.[1] ?? 'method';
  const subject = argument.startsWith('parts.') ? '' : `${argument} `;
  return new EntryError(`${subject}should be ${expected}, got ${received}${hint ? `. ${hint}` : ''}`, entry);
}
