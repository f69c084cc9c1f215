import type { GraphNode, NamedTensor } from '../compile/graph.ts';

/** A function of tensors as a TensorFlow graph of known ops, its variables as constants, for batches of any size. */
export interface PredictionGraph {
  /** Each after those that it takes its inputs from. */
  readonly nodes: readonly GraphNode[];
  /** By name; the first axis, the batch, is −1. */
  readonly inputs: Readonly<Record<string, NamedTensor>>;
  readonly outputs: Readonly<Record<string, NamedTensor>>;
}
