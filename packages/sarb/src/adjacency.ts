import type { ClassStatistics } from '@ltml/tensor/labels';

/**
 * The label graph of SARB and SSGRL: A_ij = P(j|i) = images with both / images with i, of known labels.
 *
 * Rows are not normalised further and there is no threshold. A class without a known positive has a row of zeros, the
 * diagonal included; the released code makes NaN of it, which spreads over the whole graph.
 *
 * @returns [C][C]
 * Source: Chen et al. (SSGRL, ICCV 2019), section 3.3; from partial labels as in the released code of SARB.
 */
export function cooccurrenceAdjacency({ cooccurrence }: ClassStatistics): number[][] {
  return cooccurrence.map((row, i) => row.map((both) => (row[i] > 0 ? both / row[i] : 0)));
}
