import type * as tf from '@tensorflow/tfjs-core';
import type { GraphBuilder } from './graph.ts';
import type { OpAttribute } from './native-backend.ts';

/** A variable in the graph. */
export interface RecordedVariable {
  readonly variable: tf.Variable;
  readonly dtype: number;
  /** The resource. */
  readonly handle: string;
  /** The value at the start of a run. */
  readonly read: string;
  /** Ops that change it, in order. */
  readonly writes: readonly string[];
}

/** A variable while the step is recorded. */
export interface VariableInProgress extends RecordedVariable {
  readonly writes: string[];
  /** Reads so far; whatever changes the variable waits for them. */
  readonly reads: string[];
  /** The data id whose value the resource holds at this point of the step. */
  holds: object;
}

/** The variables of a step as resources of its graph, with their reads and writes in order. */
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

  /** @param holds its data id at the start of the step */
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

  /** Adds an op that changes variables, after all that read or changed them before. */
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

  /** What a variable holds after its last write, for the rest of the step. */
  readAgain(resident: VariableInProgress): string {
    const { handle, dtype, writes, reads, variable } = resident;
    const read = this.#graph.node('ReadVariableOp', [handle], [this.#graph.type('dtype', dtype)], writes.slice(-1));
    reads.push(read);
    resident.holds = variable.dataId;
    return read;
  }
}
