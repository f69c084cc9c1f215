import { checkOptionNames, OptionError } from '@ltml/tensor';
import type { TextTokenizer } from '@ltml/tensor/contract';

/**
 * The prompts of labels as tokens: start, words before the name, name, words after it, end. Axes: C labels, M tokens.
 */
export interface LabelPrompts {
  /** Shape of `ids`. */
  readonly shape: readonly [C: number, M: number];
  /** [C, M] token ids, row-major; zeros after the end token. */
  readonly ids: Int32Array;
  /** [C] number of tokens of each name. */
  readonly nameLengths: Int32Array;
  /** Number of tokens before the name, and after it. */
  readonly contextLengths: readonly [before: number, after: number];
}

/** Options of {@link labelPrompts}. */
export interface LabelPromptsOptions {
  /** The tokenizer of the text tower. */
  readonly tokenizer: TextTokenizer;
  /** A text with `{}` for the name. Default `There is a {} in the scene`: authors' code. */
  readonly template?: string;
}

/** MKT's prompt template. The name starts at token 4. */
export const promptTemplate: string = 'There is a {} in the scene';

/**
 * Inserts labels into a prompt template and tokenizes the result. M is the length of the longest prompt, which saves
 * time.
 *
 * Space around a name is removed, and `_` counts as a space. If a prompt is too long for the text tower, its last
 * tokens are cut and the end token takes the last place, as in the authors' code.
 *
 * @throws OptionError without labels, for an empty label, and for a template without `{}` as a separate word
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
      expected: 'at least one label, and no empty one',
      received: empty >= 0 ? `${JSON.stringify(labels[empty])} at index ${empty}` : 'none',
    });
  }
  // A name can have at most L − 2 tokens, because the start and end tokens always stay.
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
  // Directly after or before a letter, the name would be part of another word and give other tokens.
  const apart = parts.length === 2 && !/[\p{L}\p{N}']$/u.test(parts[0]) && !/^[\p{L}\p{N}']/u.test(parts[1]);
  const tokens = parts.map((part) => tokenizer.encode(part));
  if (apart && tokens[0].length + 3 <= tokenizer.contextLength) return [tokens[0], tokens[1]];
  throw new OptionError({
    where: 'labelPrompts',
    argument: 'options.template',
    expected: `a text of at most ${tokenizer.contextLength} tokens, with one {} for the name as a separate word`,
    received: JSON.stringify(template),
  });
}
