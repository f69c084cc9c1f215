import { checkCount, checkOptionNames, DataError, ShapeError } from '@ltml/tensor';

/** Embeddings as plain numbers, row-major, for example from `embedClasses` of `@ltml/backbone`. */
export interface EmbeddingMatrix {
  /** [C, D] */
  readonly shape: readonly number[];
  /** C · D numbers. */
  readonly data: ArrayLike<number>;
}

/**
 * Precision at k of label retrieval: how many of the k nearest labels belong to the same group as the query. It shows
 * whether labels with similar meanings have similar embeddings.
 *
 * @param embeddings [C, D], compared by cosine similarity
 * @param groups [C] the group of each label
 * @param options.k number of labels to retrieve. Default 3: paper
 * @returns the share of retrieved labels in the group of the query, in [0, 1]
 * @throws ShapeError, OptionError; DataError for an embedding that is not finite
 *
 * Source: He et al. (MKT), AAAI 2023, figure 3. Their groups are not published, and we inferred the definition.
 */
export function labelRetrieval(
  { shape: [C, D], data }: EmbeddingMatrix,
  groups: readonly (string | number)[],
  options: { readonly k?: number } = {},
): number {
  const where = 'labelRetrieval';
  checkOptionNames(where, options, ['k']);
  const { k = 3 } = options;
  if (groups.length !== C || data.length !== C * D) {
    throw new ShapeError({ where, argument: 'groups', expected: `[C] = [${C}]`, received: `[${groups.length}]` });
  }
  checkCount(where, 'options.k', k, { min: 1, max: C - 1 });
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const received = `${data[i]} in row ${Math.floor(i / D)}`;
    throw new DataError({ where, argument: 'embeddings', expected: 'finite numbers', received });
  }
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += data[a * D + d] * data[b * D + d];
    return sum;
  };
  const labels = Array.from({ length: C }, (_, c) => c);
  const lengths = labels.map((c) => Math.max(Math.sqrt(dot(c, c)), 1e-12));
  let same = 0;
  for (const query of labels) {
    const cosine = labels.map((c) => dot(query, c) / (lengths[query] * lengths[c]));
    const nearest = labels.filter((c) => c !== query).sort((a, b) => cosine[b] - cosine[a] || a - b);
    same += nearest.slice(0, k).filter((c) => groups[c] === groups[query]).length;
  }
  return same / (C * k);
}
