import { NotSupportedError } from '@ltml/tensor';
import type { AttributeValue, ConstantValue, GraphNode, NamedTensor } from '../compile/graph.ts';
import type { Recording } from '../compile/record.ts';
import { isUniform } from '../compile/recorded-constants.ts';
import { constantOf, floatConstant, int32Constant, numbersOf, sameBytes } from './constants.ts';
import type { PredictionGraph } from './prediction-graph.ts';
import { float, int32 } from './types.ts';

/** Makes a graph for any batch size from two recordings of the same function, with batch sizes 2 and 3. */
export function joinBatches(
  where: string,
  names: readonly string[],
  two: Recording,
  three: Recording,
): PredictionGraph {
  const join = new Join(where, two, three);
  const anyBatch = ({ shape, ...rest }: NamedTensor, node: string): NamedTensor => ({
    ...rest,
    node,
    shape: [-1, ...shape.slice(1)],
  });
  const inputs = names.map((name, i) => {
    const [a, b] = [two.arguments[i], three.arguments[i]];
    return [name, anyBatch(a, join.input(a, b))] as const;
  });
  const outputs = Object.entries(two.outputs).map(([name, a]) => {
    const b = three.outputs[name];
    if (a.shape[0] !== 2 || b?.shape[0] !== 3)
      join.refuse(`an output "${name}" of shape [${a.shape}] for a batch of 2`);
    return [name, anyBatch(a, join.tensor(a.node, b.node))] as const;
  });
  return { nodes: join.nodes, inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) };
}

/** Walks through both graphs at once, from outputs to inputs. */
class Join {
  readonly nodes: GraphNode[] = [];
  readonly #where: string;
  readonly #two: Recording;
  readonly #a: ReadonlyMap<string, GraphNode>;
  readonly #b: ReadonlyMap<string, GraphNode>;
  /** Names in the new graph, by the pair of old names. */
  readonly #joined = new Map<string, string>();
  #firstInput: string | undefined;
  #batch: string | undefined;

  constructor(where: string, two: Recording, three: Recording) {
    this.#where = where;
    this.#two = two;
    this.#a = new Map(two.graph.nodes.map((node) => [node.name, node]));
    this.#b = new Map(three.graph.nodes.map((node) => [node.name, node]));
  }

  input(a: NamedTensor, b: NamedTensor): string {
    const shape = [-1, ...a.shape.slice(1)];
    const name = this.#add('Placeholder', [], { dtype: { type: a.dtype }, shape: { shape } });
    this.#joined.set(`${a.node} ${b.node}`, name);
    this.#firstInput ??= name;
    return name;
  }

  /**
   * The new name of a tensor that is `a` in one graph and `b` in the other. @param user an op that takes it, for errors
   */
  tensor(a: string, b: string, user: string = a): string {
    const [nodeA, output = '0'] = a.split(':');
    const [nodeB, outputB = '0'] = b.split(':');
    if (output !== outputB) this.refuse('an op whose outputs depend on the batch size');
    const node = this.#node(nodeA, nodeB, user);
    return output === '0' ? node : `${node}:${output}`;
  }

  refuse(received: string, node?: string): never {
    throw new NotSupportedError({
      where: this.#where,
      argument: 'the function to record',
      expected: 'a function in which only axes depend on the batch size',
      received: `${received}${node ? ` ${this.#two.lineOf(node)}` : ''}`,
    });
  }

  #node(nameA: string, nameB: string, user: string): string {
    const key = `${nameA} ${nameB}`;
    const known = this.#joined.get(key);
    if (known) return known;
    const [a, b] = [this.#a.get(nameA), this.#b.get(nameB)] as [GraphNode, GraphNode];
    const node = this.#join(a, b, user);
    this.#joined.set(key, node);
    return node;
  }

  #join(a: GraphNode, b: GraphNode, user: string): string {
    const [constantA, constantB] = [constantOf(a), constantOf(b)];
    if (constantA && constantB) {
      if (constantA.dtype === constantB.dtype && sameBytes(constantA.bytes, constantB.bytes)) {
        if (`${constantA.shape}` === `${constantB.shape}`) return this.#constant(constantA);
      }
      const counts = affine(constantA, constantB);
      if (counts) return this.#counted(counts);
    }
    const [fillA, fillB] = [this.#fillOf(a, this.#a), this.#fillOf(b, this.#b)];
    if (fillA && fillB && fillA.value === fillB.value) return this.#fill(fillA, fillB, user);
    if (a.op !== b.op || a.inputs.length !== b.inputs.length)
      this.refuse(`${a.op}, which is ${b.op} for another batch size`, a.name);
    if (constantA) this.refuse(`a constant of shape [${constantA.shape}] that depends on the batch size`, user);
    if (!sameAttributes(a, b)) this.refuse(`${a.op}, whose settings depend on the batch size`, a.name);
    const inputs = a.inputs.map(
      (input, i) =>
        (a.op === 'Reshape' && i === 1 && this.#inferredShape(input, b.inputs[i])) ||
        this.tensor(input, b.inputs[i], a.name),
    );
    return this.#addPortable(a.op, inputs, Object.fromEntries(a.attributes));
  }

  /** Adds an op, replaced by ops that other programs know if necessary. */
  #addPortable(op: string, inputs: readonly string[], attributes: Attributes): string {
    const T = { type: float };
    if (op === 'Erfc') {
      const erf = this.#add('Erf', inputs, attributes);
      return this.#add('Sub', [this.#constant(floatConstant([1], [])), erf], { T });
    }
    const { explicit_paddings: paddings, ...others } = attributes;
    if (op === 'MaxPool' && paddings && 'ints' in paddings && paddings.ints.length > 0) {
      const sizes = this.#constant(int32Constant(paddings.ints, [4, 2]));
      const least = this.#constant(floatConstant([Number.NEGATIVE_INFINITY], []));
      const padded = this.#add('PadV2', [...inputs, sizes, least], { T, Tpaddings: { type: int32 } });
      return this.#add('MaxPool', [padded], { ...others, padding: { string: 'VALID' } });
    }
    return this.#add(op, inputs, attributes);
  }

  /** A target shape of Reshape in which only one axis depends on the batch: that axis becomes −1, to be inferred. */
  #inferredShape(nameA: string, nameB: string): string | undefined {
    const [a, b] = [constantOf(this.#a.get(nameA)), constantOf(this.#b.get(nameB))];
    const counts = a && b && affine(a, b);
    if (counts?.factors.filter((factor) => factor !== 0).length !== 1) return undefined;
    return this.#constant(int32Constant(counts.factors.map((factor, i) => (factor === 0 ? counts.offsets[i] : -1))));
  }

  /** Adds integers that are computed from the batch size: offsets + factors · B. */
  #counted({ shape, offsets, factors }: Affine): string {
    const T = { type: int32 };
    const product = this.#add('Mul', [this.#batchSize(), this.#constant(int32Constant(factors))], { T });
    const sum = this.#add('Add', [product, this.#constant(int32Constant(offsets))], { T });
    if (shape.length === 1) return sum;
    return this.#add('Reshape', [sum, this.#constant(int32Constant(shape))], { T, Tshape: T });
  }

  /** A tensor [1] with the batch size. */
  #batchSize(): string {
    if (this.#batch) return this.#batch;
    const shape = this.#add('Shape', [this.#firstInput as string], { T: { type: float }, out_type: { type: int32 } });
    const [begin, size] = [this.#constant(int32Constant([0])), this.#constant(int32Constant([1]))];
    this.#batch = this.#add('Slice', [shape, begin, size], { T: { type: int32 }, Index: { type: int32 } });
    return this.#batch;
  }

  /** The shape and value of a constant with one repeated float; undefined for other nodes. */
  #fillOf(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): Fill | undefined {
    const constant = constantOf(node);
    if (constant) {
      const values = numbersOf(constant);
      return constant.dtype === float && isUniform(values) ? { shape: constant.shape, value: values[0] } : undefined;
    }
    if (node.op !== 'Fill') return undefined;
    const [shape, value] = node.inputs.map((input) => constantOf(nodes.get(input)));
    if (!shape || value?.dtype !== float) return undefined;
    return { shape: Array.from(numbersOf(shape)), value: numbersOf(value)[0] };
  }

  #fill(a: Fill, b: Fill, node: string): string {
    const counts = affine(int32Constant(a.shape), int32Constant(b.shape));
    if (!counts)
      return this.refuse(`a constant of shape [${a.shape}], which is [${b.shape}] for another batch size`, node);
    const isFixed = counts.factors.every((factor) => factor === 0);
    const shape = isFixed ? this.#constant(int32Constant(a.shape)) : this.#counted(counts);
    const value = this.#constant(floatConstant([a.value], []));
    return this.#add('Fill', [shape, value], { T: { type: float }, index_type: { type: int32 } });
  }

  #constant(tensor: ConstantValue): string {
    return this.#add('Const', [], { dtype: { type: tensor.dtype }, value: { tensor } });
  }

  #add(op: string, inputs: readonly string[], attributes: Attributes): string {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, op, inputs, attributes: new Map(Object.entries(attributes)) });
    return name;
  }
}

type Attributes = Readonly<Record<string, AttributeValue>>;

interface Fill {
  readonly shape: readonly number[];
  readonly value: number;
}

/** Integers offsets + factors · B, with B the batch size. */
interface Affine {
  readonly shape: readonly number[];
  readonly offsets: readonly number[];
  readonly factors: readonly number[];
}

/** @param a value for batch size 2 @param b value for batch size 3 */
function affine(a: ConstantValue, b: ConstantValue): Affine | undefined {
  if (a.dtype !== int32 || b.dtype !== int32 || `${a.shape}` !== `${b.shape}` || a.shape.length > 1) return undefined;
  const [valuesA, valuesB] = [Array.from(numbersOf(a)), Array.from(numbersOf(b))];
  const factors = valuesA.map((value, i) => valuesB[i] - value);
  return { shape: a.shape, factors, offsets: valuesA.map((value, i) => value - 2 * factors[i]) };
}

function sameAttributes(a: GraphNode, b: GraphNode): boolean {
  const text = ({ attributes }: GraphNode): string => JSON.stringify([...attributes]);
  return text(a) === text(b);
}
