import type * as tf from '@tensorflow/tfjs-core';
import type { GraphBuilder } from './graph.ts';
import type { OpAttribute } from './native-backend.ts';

/** A variable in the graph. */
export interface RecordedVariable {
  readonly variable: tf.Variable;
  readonly dtype: number;
  /** Node of its resource. */
  readonly handle: string;
  /** Node of its value at the start of a run. */
  readonly read: string;
  /** Nodes of ops that change it, in order. */
  readonly writes: readonly string[];
}

/** A variable during recording. */
export interface VariableInProgress extends RecordedVariable {
  readonly writes: string[];
  /** Reads so far. Ops that change the variable wait for them. */
  readonly reads: string[];
  /** The data id whose value the resource has at this point of the step. */
  holds: object;
}

/** The variables of a step as resources of its graph. Their reads and writes stay in order. */
export class RecordedVariables {
  readonly #graph: GraphBuilder;
  readonly #variables = new Map<tf.Variable, VariableInProgress>();

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  all(): readonly RecordedVariable[] {
    return [...this.#variables.values()];
  }

  get(variable: tf.Variable): VariableInProgress | undefined {
    return this.#variables.get(variable);
  }

  /** @param holds data id of the variable at the start of the step */
  add(variable: tf.Variable, dtype: number, holds: object): VariableInProgress {
    const graph = this.#graph;
    const type = graph.type('dtype', dtype);
    const name = graph.string('shared_name', `v${this.#variables.size}`);
    const attributes = [type, graph.shape('shape', variable.shape), name, graph.string('container', '')];
    const handle = graph.node('VarHandleOp', [], attributes);
    const read = graph.node('ReadVariableOp', [handle], [type]);
    const recorded = { variable, dtype, handle, read, writes: [], reads: [read], holds };
    this.#variables.set(variable, recorded);
    return recorded;
  }

  /** Adds an op that changes variables. It runs after all earlier reads and writes of them. */
  write(
    op: string,
    inputs: readonly string[],
    attributes: readonly OpAttribute[],
    changed: readonly VariableInProgress[],
  ): string {
    const before = new Set(changed.flatMap(({ reads, writes }) => [...reads, ...writes]));
    const node = this.#graph.node(op, inputs, attributes, before);
    for (const { writes } of changed) writes.push(node);
    return node;
  }

  /** Reads a variable after its last write, for the rest of the step. */
  readAgain(resident: VariableInProgress): string {
    const { handle, dtype, writes, reads, variable } = resident;
    const read = this.#graph.node('ReadVariableOp', [handle], [this.#graph.type('dtype', dtype)], writes.slice(-1));
    reads.push(read);
    resident.holds = variable.dataId;
    return read;
  }
}
