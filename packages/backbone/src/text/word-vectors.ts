import { DataError, type HostTensor, OptionError } from '@ltml/tensor';
import { checkTexts } from '../check-sizes.ts';

/**
 * Embeds class names with word vectors in GloVe's text format: a line for each word, with the word and its numbers
 * separated by spaces. A first line of two whole numbers, as in word2vec files, is skipped.
 *
 * A name is converted to lower case and split at spaces, `_` and `-`. A name of several words gets the mean of their
 * vectors. Only the words of the names are kept, and reading stops at the last of them, so the file may have any size.
 *
 * @param lines lines of the file, in order
 * @param file name of the file in errors
 * @returns [C, D] in host memory, not normalised
 * @throws DataError listing all words that are missing, and on lines in another format; OptionError
 * Source: Pennington, Socher and Manning 2014; means of words as in ML-GCN (Chen et al. 2019), which CPRFL follows.
 */
export async function embedByWordVectors(
  names: readonly string[],
  lines: AsyncIterable<string> | Iterable<string>,
  file?: string,
): Promise<HostTensor> {
  checkTexts('embedByWordVectors', 'names', names);
  const wordsOf = names.map((name) =>
    name
      .toLowerCase()
      .split(/[\s_-]+/)
      .filter(Boolean),
  );
  const nameless = wordsOf.findIndex((words) => words.length === 0);
  if (names.length === 0 || nameless >= 0) {
    throw new OptionError({
      where: 'embedByWordVectors',
      argument: 'names',
      expected: 'at least one name, each of a word or more',
      received: names.length === 0 ? 'none' : `"${names[nameless]}"`,
    });
  }
  const vectors = await findVectors(new Set(wordsOf.flat()), lines, file);
  const D = vectors.values().next().value?.length ?? 0;
  const data = new Float32Array(names.length * D);
  for (const [c, words] of wordsOf.entries()) {
    for (const word of words) {
      for (const [i, value] of (vectors.get(word) as Float64Array).entries()) data[c * D + i] += value / words.length;
    }
  }
  return { dtype: 'F32', shape: [names.length, D], data };
}

async function findVectors(
  wanted: ReadonlySet<string>,
  lines: AsyncIterable<string> | Iterable<string>,
  file: string | undefined,
): Promise<Map<string, Float64Array>> {
  const vectors = new Map<string, Float64Array>();
  let number = 0;
  let D: number | undefined;
  for await (const line of lines) {
    number++;
    const end = line.indexOf(' ');
    if (end < 0 || (number === 1 && /^\d+ \d+\s*$/.test(line))) continue;
    const word = line.slice(0, end);
    if (!wanted.has(word) || vectors.has(word)) continue;
    const values = Float64Array.from(line.slice(end).trim().split(/\s+/), Number);
    D ??= values.length;
    if (values.length !== D || !values.every(Number.isFinite)) {
      throw new DataError({
        where: 'embedByWordVectors',
        argument: `${file === undefined ? '' : `${file}, `}line ${number}`,
        expected: `a word and ${D} numbers`,
        received:
          `"${line.slice(0, 60)}…", ${values.length} of them` +
          (values.every(Number.isFinite) ? '' : ', not all numbers'),
      });
    }
    vectors.set(word, values);
    if (vectors.size === wanted.size) break;
  }
  const missing = [...wanted].filter((word) => !vectors.has(word));
  if (missing.length === 0) return vectors;
  throw new DataError({
    where: 'embedByWordVectors',
    argument: file ?? 'lines',
    expected: `to have a vector for each of the ${wanted.size} words of the names`,
    received: `none for ${missing.join(', ')} in ${number} lines`,
    hint: 'Write these names as in the file, e.g. "dining table" for "diningtable".',
  });
}
