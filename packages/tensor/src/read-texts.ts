import * as tf from '@tensorflow/tfjs-core';
import type { TextTokenizer, TextTower } from './contract/text.ts';
import { OptionError } from './errors.ts';

/** What texts are read by. */
export interface TextReader {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
}

/** Number of texts in one batch of the text tower. */
const atOnce = 32;

/** A text about a name, by a template with `{}` for the name. A `_` is read as a space. */
export function inTemplate(template: string, name: string): string {
  return template.replaceAll('{}', () => name.replaceAll('_', ' '));
}

/**
 * Embeddings of texts as a text tower gives them, not normalised. Axes: T texts, D.
 *
 * @param where the caller, for messages
 * @param texts of names
 * @returns [T, D]
 * @throws OptionError for no texts, and for one of more tokens than the tower reads
 */
export function readTexts(where: string, texts: readonly string[], { textTower, tokenizer }: TextReader): tf.Tensor2D {
  if (texts.length === 0) {
    throw new OptionError({ where, argument: 'names', expected: 'at least one', received: 'none' });
  }
  const rows = texts.map((text) => tokensOf(where, text, tokenizer));
  const firsts = Array.from({ length: Math.ceil(rows.length / atOnce) }, (_, i) => i * atOnce);
  return tf.tidy(() => {
    const parts = firsts.map((first) => tf.tidy(() => embedRows(rows.slice(first, first + atOnce), textTower)));
    return parts.length === 1 ? parts[0] : (tf.concat(parts, 0) as tf.Tensor2D);
  });
}

/** Start, the tokens of a text, end. */
function tokensOf(where: string, text: string, tokenizer: TextTokenizer): number[] {
  const { startId, endId, contextLength } = tokenizer;
  const tokens = [startId, ...tokenizer.encode(text), endId];
  if (tokens.length <= contextLength) return tokens;
  throw new OptionError({
    where,
    argument: 'names',
    expected: `texts of at most ${contextLength} tokens with start and end`,
    received: `${tokens.length} tokens in ${JSON.stringify(text)}`,
  });
}

/** Zeros stand behind the end of shorter ones. */
function embedRows(rows: readonly (readonly number[])[], textTower: TextTower): tf.Tensor2D {
  const M = rows.reduce((longest, { length }) => Math.max(longest, length), 0);
  const ids = new Int32Array(rows.length * M);
  for (const [i, row] of rows.entries()) ids.set(row, i * M);
  const batch = tf.tensor2d(ids, [rows.length, M], 'int32');
  return textTower.forwardEmbedded(textTower.embedTokens(batch), batch).embedding;
}
