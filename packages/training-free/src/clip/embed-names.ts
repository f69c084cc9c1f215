import { l2Normalize, OptionError } from '@ltml/tensor';
import type { TextTokenizer, TextTower } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** What names are read by. */
export interface NameReader {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
}

/** Texts that are read at once. */
const atOnce = 32;

/**
 * Embeddings of names: each name in each template, of length 1, averaged over the templates, and of length 1 again. A `_`
 * is read as a space.
 *
 * @param names at least one
 * @param templates at least one text with `{}` for the name
 * @returns [C, D]
 * @throws OptionError for no names, and for a text of more tokens than the tower reads
 */
export function embedNames(names: readonly string[], templates: readonly string[], reader: NameReader): tf.Tensor2D {
  if (names.length === 0) {
    throw new OptionError({ where: 'embedNames', argument: 'names', expected: 'at least one', received: 'none' });
  }
  const texts = names.flatMap((name) =>
    templates.map((template) => template.replaceAll('{}', () => name.replaceAll('_', ' '))),
  );
  return tf.tidy(() => {
    const unit = l2Normalize(embedTexts(texts, reader));
    const grouped = tf.reshape(unit, [names.length, templates.length, unit.shape[1] as number]);
    return l2Normalize(tf.mean(grouped, 1)) as tf.Tensor2D;
  });
}

function embedTexts(texts: readonly string[], { textTower, tokenizer }: NameReader): tf.Tensor2D {
  const rows = texts.map((text) => tokensOf(text, tokenizer));
  const parts: tf.Tensor2D[] = [];
  for (let first = 0; first < rows.length; first += atOnce) {
    const some = rows.slice(first, first + atOnce);
    const M = some.reduce((longest, { length }) => Math.max(longest, length), 0);
    const ids = new Int32Array(some.length * M);
    for (const [i, row] of some.entries()) ids.set(row, i * M);
    const embedded = tf.tidy(() => {
      const batch = tf.tensor2d(ids, [some.length, M], 'int32');
      return textTower.forwardEmbedded(textTower.embedTokens(batch), batch).embedding;
    });
    parts.push(embedded);
  }
  return parts.length === 1 ? parts[0] : tf.concat(parts, 0);
}

function tokensOf(text: string, tokenizer: TextTokenizer): number[] {
  const { contextLength, startId, endId } = tokenizer;
  const tokens = [startId, ...tokenizer.encode(text), endId];
  if (tokens.length <= contextLength) return tokens;
  throw new OptionError({
    where: 'embedNames',
    argument: 'names',
    expected: `texts of at most ${contextLength} tokens with start and end`,
    received: `${tokens.length} tokens in ${JSON.stringify(text)}`,
  });
}
