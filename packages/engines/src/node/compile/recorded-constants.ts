import type { GraphBuilder } from './graph.ts';

/** Largest constant with a single repeated value that is written in full, in bytes. */
const smallestFill = 256;

type Values = ArrayLike<number | bigint> & ArrayBufferView;

/** The constants of a graph. Equal ones are stored once. */
export class RecordedConstants {
  readonly #graph: GraphBuilder;
  readonly #int32: number;
  readonly #nodes = new Map<string, string>();

  /** @param int32 TensorFlow's type number of shapes */
  constructor(graph: GraphBuilder, int32: number) {
    this.#graph = graph;
    this.#int32 = int32;
  }

  /** The node of a constant; an existing one if it is equal. */
  add(dtype: number, shape: readonly number[], values: Values): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (isUniform(values) && bytes.length > smallestFill) return this.#addFill(dtype, shape, values);
    const key = `${dtype} ${shape} ${Buffer.from(bytes).toString('latin1')}`;
    return this.#once(key, () => this.#graph.constant(dtype, shape, bytes));
  }

  /** Stores many equal values as one value and a shape. */
  #addFill(dtype: number, shape: readonly number[], values: Values): string {
    const graph = this.#graph;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength / values.length);
    return this.#once(`fill ${dtype} ${shape} ${bytes}`, () => {
      const dimensions = new Uint8Array(Int32Array.from(shape).buffer);
      const inputs = [graph.constant(this.#int32, [shape.length], dimensions), graph.constant(dtype, [], bytes)];
      return graph.node('Fill', inputs, [graph.type('T', dtype), graph.type('index_type', this.#int32)]);
    });
  }

  #once(key: string, make: () => string): string {
    const known = this.#nodes.get(key);
    if (known) return known;
    const node = make();
    this.#nodes.set(key, node);
    return node;
  }
}

/** Whether all values are equal; false for none. */
export function isUniform(values: ArrayLike<number | bigint>): boolean {
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], values[0])) return false;
  return values.length > 0;
}
