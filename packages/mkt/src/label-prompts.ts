import { checkOptionNames, OptionError } from '@ltml/tensor';
import type { TextTokenizer } from '@ltml/tensor/contract';

/** Prompts of labels as tokens: start, words before the name, the name, words after it, end. Axes: C labels, M tokens. */
export interface LabelPrompts {
  readonly shape: readonly [C: number, M: number];
  /** [C, M] ids, zeros behind the end. */
  readonly ids: Int32Array;
  /** [C] tokens of each name. */
  readonly nameLengths: Int32Array;
  /** Tokens of the words before the name, and of those after it. */
  readonly contextLengths: readonly [before: number, after: number];
}

export interface LabelPromptsOptions {
  readonly tokenizer: TextTokenizer;
  /** A text with `{}` for the name; default `There is a {} in the scene`: authors' code. */
  readonly template?: string;
}

/** MKT's prompt; a name begins at the token 4. */
export const promptTemplate: string = 'There is a {} in the scene';

/**
 * Puts labels into a prompt and the prompt into tokens, cut to the longest of them, which changes nothing but the time.
 *
 * A name is stripped of surrounding space, `_` is read as a space. A prompt too long for the text tower loses its last
 * tokens, and the end takes the last place: authors' code.
 *
 * @throws OptionError for no labels, an empty label, and a template without `{}` as a word of its own
 */
export function labelPrompts(labels: readonly string[], options: LabelPromptsOptions): LabelPrompts {
  const where = 'labelPrompts';
  checkOptionNames(where, options, ['tokenizer', 'template']);
  const { tokenizer, template = promptTemplate } = options;
  const [before, after] = templateTokens(template, tokenizer);
  const L = tokenizer.contextLength;
  const names = labels.map((label) => tokenizer.encode(label.replaceAll('_', ' ').trim()));
  const empty = names.findIndex((name) => name.length === 0);
  if (empty >= 0 || names.length === 0) {
    throw new OptionError({
      where,
      argument: 'labels',
      expected: 'at least one, none of them empty',
      received: empty >= 0 ? `${JSON.stringify(labels[empty])} at place ${empty}` : 'none',
    });
  }
  // The end token always stays, so at least it and the start are not the name's.
  const kept = names.map((name) => name.slice(0, L - 2 - before.length));
  const rows = kept.map((name) => [tokenizer.startId, ...before, ...name, ...after].slice(0, L - 1));
  const M = rows.reduce((longest, { length }) => Math.max(longest, length), 0) + 1;
  const ids = new Int32Array(rows.length * M);
  for (const [c, row] of rows.entries()) ids.set([...row, tokenizer.endId], c * M);
  return {
    shape: [rows.length, M],
    ids,
    nameLengths: Int32Array.from(kept, (name) => name.length),
    contextLengths: [before.length, after.length],
  };
}

function templateTokens(template: string, tokenizer: TextTokenizer): readonly [number[], number[]] {
  const parts = template.split('{}');
  // Next to a letter the name would be part of another word, and of other tokens.
  const apart = parts.length === 2 && !/[\p{L}\p{N}']$/u.test(parts[0]) && !/^[\p{L}\p{N}']/u.test(parts[1]);
  const tokens = parts.map((part) => tokenizer.encode(part));
  if (apart && tokens[0].length + 3 <= tokenizer.contextLength) return [tokens[0], tokens[1]];
  throw new OptionError({
    where: 'labelPrompts',
    argument: 'options.template',
    expected: `a text of at most ${tokenizer.contextLength} tokens with one {} for the name, a word of its own`,
    received: JSON.stringify(template),
  });
}
