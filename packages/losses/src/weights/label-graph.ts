import { checkNumber, checkOptionNames } from '@ltml/tensor';
import type { ClassStatistics } from '@ltml/tensor/labels';

/** Options of {@link gcnAdjacency}. */
export interface GcnAdjacencyOptions {
  /** The smallest P(j|i) that makes an edge, in [0, 1]; default 0.4, Chen et al. for COCO. */
  readonly threshold?: number;
  /** The sum of the weights of a class's neighbours, where the class itself weighs 1; default 0.25. */
  readonly neighbourWeight?: number;
}

/** A label graph as matrices. */
export interface GcnAdjacency {
  /** [C][C] the weight of each edge. */
  readonly adjacency: readonly (readonly number[])[];
  /** [C][C] D^{−1/2}·Aᵀ·D^{−1/2}, where D holds the row sums of A: the matrix of a graph convolution. */
  readonly normalized: readonly (readonly number[])[];
}

/**
 * The label graph of ML-GCN. P(j|i) = images with both / images with i, counting known labels only. It is binarised at
 * the threshold for j ≠ i, then columns are scaled to `neighbourWeight` and the identity is added.
 *
 * A class without images has only the edge to itself.
 *
 * @throws OptionError
 * Source: Chen et al., CVPR 2019, equations 7–9, as the code of Wu et al. (ECCV 2020) builds it.
 */
export function gcnAdjacency(statistics: ClassStatistics, options: GcnAdjacencyOptions = {}): GcnAdjacency {
  const where = 'gcnAdjacency';
  checkOptionNames(where, options, ['threshold', 'neighbourWeight']);
  const { threshold = 0.4, neighbourWeight = 0.25 } = options;
  checkNumber(where, 'options.threshold', threshold, { min: 0, max: 1 });
  checkNumber(where, 'options.neighbourWeight', neighbourWeight, { min: 0 });
  const { cooccurrence } = statistics;
  const edges = cooccurrence.map((row, i) =>
    row.map((both, j) => Number(i !== j && row[i] > 0 && both / row[i] >= threshold)),
  );
  const columnSums = edges.map((_, j) => edges.reduce((sum, row) => sum + row[j], 0));
  const adjacency = edges.map((row, i) =>
    row.map((edge, j) => (edge * neighbourWeight) / (columnSums[j] + 1e-6) + Number(i === j)),
  );
  const scale = adjacency.map((row) => row.reduce((sum, value) => sum + value, 0) ** -0.5);
  const normalized = adjacency.map((row, i) => row.map((_, j) => scale[i] * adjacency[j][i] * scale[j]));
  return { adjacency, normalized };
}
