import { OptionError } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Names in templates, as a text tower reads them. A `_` is read as a space.
 *
 * @param templates texts with `{}` for the name
 * @returns [T, C, D], not normalised
 * @throws OptionError for no names, and for a text of more tokens than the tower reads
 */
export function readNames(
  names: readonly string[],
  templates: readonly string[],
  { textTower, tokenizer }: { readonly textTower: TextTower; readonly tokenizer: TextTokenizer },
): tf.Tensor3D {
  if (names.length === 0) {
    throw new OptionError({ where: 'readNames', argument: 'names', expected: 'at least one', received: 'none' });
  }
  return tf.tidy(() => {
    const byTemplate = templates.map((template) => {
      const texts = names.map((name) => template.replaceAll('{}', () => name.replaceAll('_', ' ')));
      const rows = texts.map((text) => tokensOf(text, tokenizer));
      const M = rows.reduce((longest, { length }) => Math.max(longest, length), 0);
      const ids = new Int32Array(rows.length * M);
      for (const [c, row] of rows.entries()) ids.set(row, c * M);
      return tf.tidy(() => {
        const batch = tf.tensor2d(ids, [rows.length, M], 'int32');
        return textTower.forwardEmbedded(textTower.embedTokens(batch), batch).embedding;
      });
    });
    return tf.stack(byTemplate) as tf.Tensor3D;
  });
}

function tokensOf(text: string, tokenizer: TextTokenizer): number[] {
  const { startId, endId, contextLength } = tokenizer;
  const tokens = [startId, ...tokenizer.encode(text), endId];
  if (tokens.length <= contextLength) return tokens;
  throw new OptionError({
    where: 'readNames',
    argument: 'names',
    expected: `texts of at most ${contextLength} tokens with start and end`,
    received: `${tokens.length} tokens in ${JSON.stringify(text)}`,
  });
}
