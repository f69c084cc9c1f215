import { NotSupportedError } from '@ltml/tensor';
import protobuf from 'protobufjs';
import type { ConstantValue, NamedTensor } from '../compile/graph.ts';
import { constantOf, floatConstant, numbersOf } from './constants.ts';
import { type OnnxAttribute, type OnnxWriter, onnxTypes, translations } from './onnx-ops.ts';
// The published onnx.proto of ONNX 1.23.2, in the JSON format of protobufjs.
import schema from './onnx-schema.json' with { type: 'json' };
import type { PredictionGraph } from './prediction-graph.ts';
import { int64 } from './types.ts';

/** Version of ONNX's ops, and the file version that came with it. */
const opset = 18;
const irVersion = 8;

/** ONNX's numbers of the kinds of attributes. */
const kinds = { int: 2, string: 3, ints: 7 } as const;

/**
 * Converts a graph to an ONNX model with any batch size. @returns the bytes of a `.onnx` file
 *
 * @param metadata texts by name
 * @throws NotSupportedError for an op without a translation, naming it
 */
export function onnxModel(graph: PredictionGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = protobuf.Root.fromJSON(schema as protobuf.INamespace).lookupType('onnx.ModelProto');
  const message = {
    irVersion,
    producerName: 'LTML',
    opsetImport: [{ domain: '', version: opset }],
    graph: new OnnxGraph(graph).message(),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
  return model.encode(model.fromObject(message)).finish();
}

/** Translates a graph node by node. */
class OnnxGraph implements OnnxWriter {
  readonly #graph: PredictionGraph;
  readonly #nodes: object[] = [];
  readonly #initializers: object[] = [];
  readonly #constants = new Map<string, ConstantValue>();
  /** Names of tensors, by their names in TensorFlow's graph. */
  readonly #names = new Map<string, string>();
  #made = 0;

  constructor(graph: PredictionGraph) {
    this.#graph = graph;
    for (const [name, { node }] of Object.entries(graph.inputs)) this.#names.set(node, name);
    for (const node of graph.nodes) {
      if (node.op === 'Placeholder') continue;
      const constant = constantOf(node);
      if (constant) {
        this.#names.set(node.name, node.name);
        this.#constants.set(node.name, constant);
        continue;
      }
      const translate = Object.hasOwn(translations, node.op) ? translations[node.op] : undefined;
      if (!translate) throw refusal(`${node.op}, which has no translation`);
      const inputs = node.inputs.map((input) => this.#names.get(input) as string);
      const results = [translate(this, inputs, node)].flat();
      for (const [i, result] of results.entries()) this.#names.set(i === 0 ? node.name : `${node.name}:${i}`, result);
    }
    for (const [name, { node }] of Object.entries(graph.outputs)) {
      this.#nodes.push({ opType: 'Identity', input: [this.#names.get(node)], output: [name] });
    }
  }

  message(): object {
    const { inputs, outputs } = this.#graph;
    // Constants that became attributes are left out.
    const used = new Set(this.#nodes.flatMap((node) => (node as { input: string[] }).input));
    const constants = [...this.#constants].filter(([name]) => used.has(name));
    return {
      name: 'prediction',
      node: this.#nodes,
      initializer: [...constants.map(([name, constant]) => initializer(name, constant)), ...this.#initializers],
      input: Object.entries(inputs).map(valueInfo),
      output: Object.entries(outputs).map(valueInfo),
    };
  }

  add(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.addMany(op, inputs, 1, attributes)[0];
  }

  addMany(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string[] {
    const output = Array.from({ length: count }, () => this.#newName());
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.#nodes.push({ opType: op, name: output[0], input: inputs, output, attribute });
    return output;
  }

  whole(values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#initialize({ dtype: int64, shape: [values.length], bytes });
  }

  toWhole(tensor: string): string {
    const constant = this.#constants.get(tensor);
    if (!constant) return this.add('Cast', [tensor], { to: 7 });
    const values = Array.from(numbersOf(constant), BigInt);
    const bytes = new Uint8Array(BigInt64Array.from(values).buffer);
    return this.#initialize({ dtype: int64, shape: constant.shape, bytes });
  }

  numbers(tensor: string): readonly number[] {
    const constant = this.#constants.get(tensor);
    if (constant) return Array.from(numbersOf(constant));
    throw refusal('an axis, order or padding that is not a constant');
  }

  filter(tensor: string): string {
    const constant = this.#constants.get(tensor);
    if (!constant) return this.add('Transpose', [tensor], { perm: [3, 2, 0, 1] });
    const [height, width, from, to] = constant.shape;
    const values = numbersOf(constant);
    const turned = new Float32Array(values.length);
    let at = 0;
    for (let o = 0; o < to; o++) {
      for (let i = 0; i < from; i++) {
        for (let place = 0; place < height * width; place++) turned[at++] = values[(place * from + i) * to + o];
      }
    }
    return this.#initialize(floatConstant(turned, [to, from, height, width]));
  }

  #initialize(constant: ConstantValue): string {
    const name = this.#newName();
    this.#initializers.push(initializer(name, constant));
    return name;
  }

  #newName(): string {
    return `t${this.#made++}`;
  }
}

function initializer(name: string, { dtype, shape, bytes }: ConstantValue): object {
  return { name, dims: shape, dataType: onnxTypes.get(dtype), rawData: bytes };
}

function attributeOf(name: string, value: OnnxAttribute): object {
  if (typeof value === 'string') return { name, type: kinds.string, s: Buffer.from(value) };
  if (typeof value === 'number') return { name, type: kinds.int, i: value };
  return { name, type: kinds.ints, ints: value };
}

function valueInfo([name, { dtype, shape }]: [string, NamedTensor]): object {
  const dim = shape.map((size) => (size < 0 ? { dimParam: 'batch' } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: onnxTypes.get(dtype), shape: { dim } } } };
}

function refusal(received: string): NotSupportedError {
  return new NotSupportedError({
    where: 'onnxModel',
    argument: 'the graph',
    expected: 'a graph of ops that can be translated to ONNX',
    received,
  });
}
