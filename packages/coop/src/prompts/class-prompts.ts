import { checkCount, checkOptionNames, OptionError } from '@ltml/tensor';
import type { TextTokenizer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Prompts as tokens: start, places for a context, name, full stop, end. Axes: C classes, M tokens. */
export interface ClassPrompts {
  readonly shape: readonly [C: number, M: number];
  /** [C, M] ids, zeros behind the end; those of the context are zeros as well. */
  readonly ids: Int32Array;
  /** [C] tokens of each name, without the full stop. */
  readonly nameLengths: Int32Array;
  /** n, places for the context. */
  readonly contextLength: number;
}

export interface ClassPromptsOptions {
  readonly tokenizer: TextTokenizer;
  /** n, default 16. */
  readonly contextLength?: number;
}

/**
 * Puts the names of classes into prompts, cut to the longest of them, which changes nothing but the time. A `_` is read as a
 * space.
 *
 * @throws OptionError for no classes, an empty name, and a prompt of more tokens than the text tower reads
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
  if (empty >= 0) refuse('classes', 'names that are not empty', `${JSON.stringify(classes[empty])} at place ${empty}`);
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

/** [C, M] int32. */
export function promptIds({ ids, shape }: ClassPrompts): tf.Tensor2D {
  return tf.tensor2d(ids, [...shape], 'int32');
}
