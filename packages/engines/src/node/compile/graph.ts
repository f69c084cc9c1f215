import type { NativeBinding, OpAttribute } from './native-backend.ts';

/** A constant: TensorFlow's number of its type, its shape, and its values. */
export interface ConstantValue {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** An attribute of a node, by its kind. */
export type AttributeValue =
  | { readonly type: number }
  | { readonly shape: readonly number[] }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly tensor: ConstantValue };

/**
 * An op in a graph. An input is named `node` (its first output), `node:1`, …, or `^node` if that node must only run
 * before this one.
 */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** A tensor of the graph that other programs use. */
export interface NamedTensor {
  readonly node: string;
  readonly dtype: number;
  readonly shape: readonly number[];
}

/** Builds a TensorFlow graph node by node. Its tensors are named `node` (first output), `node:1`, …. */
export class GraphBuilder {
  readonly #binding: NativeBinding;
  readonly #common: readonly OpAttribute[];
  readonly #nodes: GraphNode[] = [];

  /** @param common attributes that every node gets in addition to its own */
  constructor(binding: NativeBinding, common: readonly OpAttribute[] = []) {
    this.#binding = binding;
    this.#common = common;
  }

  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  /** Adds an op. @param controls nodes that must run before it @returns the name of the node */
  node(
    op: string,
    inputs: readonly string[],
    attributes: readonly OpAttribute[],
    controls: Iterable<string> = [],
  ): string {
    const values = [...attributes, ...this.#common].map(
      (attribute) => [attribute.name, this.#valueOf(attribute)] as const,
    );
    return this.#add(op, [...inputs, ...Array.from(controls, (control) => `^${control}`)], values);
  }

  placeholder(dtype: number, shape: readonly number[]): string {
    return this.node('Placeholder', [], [this.type('dtype', dtype), this.shape('shape', shape)]);
  }

  constant(dtype: number, shape: readonly number[], bytes: Uint8Array): string {
    const common = this.#common.map((attribute) => [attribute.name, this.#valueOf(attribute)] as const);
    return this.#add(
      'Const',
      [],
      [['dtype', { type: dtype }], ['value', { tensor: { dtype, shape, bytes } }], ...common],
    );
  }

  type(name: string, value: number): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_TYPE, value };
  }

  shape(name: string, value: readonly number[]): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_SHAPE, value };
  }

  string(name: string, value: string): OpAttribute {
    return { name, type: this.#binding.TF_ATTR_STRING, value };
  }

  #add(op: string, inputs: readonly string[], attributes: Iterable<readonly [string, AttributeValue]>): string {
    const name = `n${this.#nodes.length}`;
    this.#nodes.push({ name, op, inputs, attributes: new Map(attributes) });
    return name;
  }

  #valueOf({ name, type, value }: OpAttribute): AttributeValue {
    const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_SHAPE } = this.#binding;
    if (type === TF_ATTR_TYPE) return { type: value as number };
    if (type === TF_ATTR_BOOL) return { bool: Boolean(value) };
    if (type === TF_ATTR_FLOAT) return { float: value as number };
    if (type === TF_ATTR_STRING) return { string: value as string };
    if (type === TF_ATTR_SHAPE) return { shape: value as readonly number[] };
    if (type === TF_ATTR_INT) return Array.isArray(value) ? { ints: value } : { int: value as number };
    throw new Error(`attribute ${name} of the type ${type} is unknown`);
  }
}
