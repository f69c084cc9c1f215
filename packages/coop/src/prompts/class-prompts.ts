import { checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import type { TextTokenizer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Prompts as tokens: start, n context positions, name, full stop, end. Axes: C classes, M tokens. */
export interface ClassPrompts {
  /** Shape of `ids`. */
  readonly shape: readonly [C: number, M: number];
  /** [C, M] token ids, row-major; zeros for the context and after the end token. */
  readonly ids: Int32Array;
  /** [C] number of tokens of each name, without the full stop. */
  readonly nameLengths: Int32Array;
  /** n, number of context positions. */
  readonly contextLength: number;
}

/** Options of {@link classPrompts}. */
export interface ClassPromptsOptions {
  /** The tokenizer of the text tower. */
  readonly tokenizer: TextTokenizer;
  /** n, number of context positions. Default 16. */
  readonly contextLength?: number;
}

/**
 * Makes prompts from class names. M is the length of the longest prompt, which saves time. `_` counts as a space.
 *
 * @throws OptionError without classes, for an empty name, and for a prompt with more tokens than the text tower accepts
 *
 * Source: Zhou et al. (CoOp), IJCV 2022, as DualCoOp and LMPT use it.
 */
export function classPrompts(classes: readonly string[], options: ClassPromptsOptions): ClassPrompts {
  const where = 'classPrompts';
  checkOptionNames(where, options, ['tokenizer', 'contextLength']);
  const { tokenizer, contextLength: n = 16 } = options;
  checkCount(where, 'options.contextLength', n, { min: 1, max: tokenizer.contextLength });
  const refuse = (argument: string, expected: string, received: string, hint?: string): never => {
    throw new OptionError({ where, argument, expected, received, ...(hint && { hint }) });
  };
  if (classes.length === 0) refuse('classes', 'at least one', 'none');
  const names = classes.map((name) => name.replaceAll('_', ' ').trim());
  const lengths = names.map((name) => tokenizer.encode(name).length);
  const empty = lengths.indexOf(0);
  if (empty >= 0) refuse('classes', 'names that are not empty', `${JSON.stringify(classes[empty])} at index ${empty}`);
  const context = new Array<number>(n).fill(0);
  const rows = names.map((name) => [tokenizer.startId, ...context, ...tokenizer.encode(`${name}.`), tokenizer.endId]);
  const M = rows.reduce((longest, { length }) => Math.max(longest, length), 0);
  if (M > tokenizer.contextLength) {
    const longest = classes[rows.findIndex(({ length }) => length === M)];
    const expected = `prompts of at most ${tokenizer.contextLength} tokens`;
    refuse('classes', expected, `${M} for ${JSON.stringify(longest)}`, 'A shorter context leaves more room.');
  }
  const ids = new Int32Array(rows.length * M);
  for (const [c, row] of rows.entries()) ids.set(row, c * M);
  return { shape: [rows.length, M], ids, nameLengths: Int32Array.from(lengths), contextLength: n };
}

/** The token ids as a tensor [C, M] int32. */
export function promptIds({ ids, shape }: ClassPrompts): tf.Tensor2D {
  return tf.tensor2d(ids, [...shape], 'int32');
}
