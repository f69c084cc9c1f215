import type { ClassStatistics } from '@ltml/tensor/labels';

/**
 * The label graph of SARB and SSGRL, from known labels: A_ij = P(j|i) = (images with i and j) / (images with i).
 *
 * Rows are not normalised further, and there is no threshold. A class without a known positive has a row of zeros, also
 * on the diagonal. The released code gives NaN there, which spreads over the whole graph.
 *
 * @param statistics class statistics of the training set; only `cooccurrence` [C][C] is used
 * @returns [C][C]
 *
 * Source: Chen et al. (SSGRL, ICCV 2019), section 3.3. Partial labels are handled as in the released code of SARB.
 */
export function cooccurrenceAdjacency({ cooccurrence }: ClassStatistics): number[][] {
  return cooccurrence.map((row, i) => row.map((both) => (row[i] > 0 ? both / row[i] : 0)));
}
