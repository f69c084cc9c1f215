import { OptionError } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Names in a template, as a text tower reads them, [C, D], not normalised. A `_` is read as a space.
 *
 * @throws OptionError for no names, and for a text of more tokens than the tower reads
 */
export function readNames(
  names: readonly string[],
  template: string,
  { textTower, tokenizer }: { readonly textTower: TextTower; readonly tokenizer: TextTokenizer },
): tf.Tensor2D {
  if (names.length === 0) {
    throw new OptionError({ where: 'readNames', argument: 'names', expected: 'at least one', received: 'none' });
  }
  const texts = names.map((name) => template.replaceAll('{}', () => name.replaceAll('_', ' ')));
  const rows = texts.map((text) => [tokenizer.startId, ...tokenizer.encode(text), tokenizer.endId]);
  const M = rows.reduce((longest, { length }) => Math.max(longest, length), 0);
  if (M > tokenizer.contextLength) {
    const expected = `texts of at most ${tokenizer.contextLength} tokens with start and end`;
    throw new OptionError({ where: 'readNames', argument: 'names', expected, received: `${M} tokens` });
  }
  const ids = new Int32Array(rows.length * M);
  for (const [c, row] of rows.entries()) ids.set(row, c * M);
  return tf.tidy(() => {
    const batch = tf.tensor2d(ids, [rows.length, M], 'int32');
    return textTower.forwardEmbedded(textTower.embedTokens(batch), batch).embedding;
  });
}
