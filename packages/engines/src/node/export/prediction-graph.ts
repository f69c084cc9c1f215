import type { GraphNode, NamedTensor } from '../compile/graph.ts';

/**
 * A function of tensors as a TensorFlow graph, for batches of any size. It has only TensorFlow's own ops, and variables
 * are constants.
 */
export interface PredictionGraph {
  /** Each node comes after its inputs. */
  readonly nodes: readonly GraphNode[];
  /** Inputs by name; the first axis, the batch, is −1. */
  readonly inputs: Readonly<Record<string, NamedTensor>>;
  /** Outputs by name; the first axis, the batch, is −1. */
  readonly outputs: Readonly<Record<string, NamedTensor>>;
}
