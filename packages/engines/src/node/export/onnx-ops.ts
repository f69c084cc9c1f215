import type { AttributeValue, GraphNode } from '../compile/graph.ts';
import { bool, float, int32, int64 } from './types.ts';

/** ONNX's type numbers by those of TensorFlow. */
export const onnxTypes: ReadonlyMap<number, number> = new Map([
  [float, 1],
  [int32, 6],
  [int64, 7],
  [bool, 9],
]);

export type OnnxAttribute = number | string | readonly number[];

/** Adds nodes to an ONNX graph, for translations. */
export interface OnnxWriter {
  /** Adds a node with one output. @returns its name */
  add(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** Adds a node with several outputs. @returns their names */
  addMany(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string[];
  /** A list of 64-bit integers. */
  whole(values: readonly number[]): string;
  /** Any tensor as 64-bit integers, which ONNX needs for shapes. */
  toWhole(tensor: string): string;
  /** The values of a constant. @throws NotSupportedError if the tensor is not a constant */
  numbers(tensor: string): readonly number[];
  /** A filter [h, w, in, out] as [out, in, h, w]. */
  filter(tensor: string): string;
}

/** Translates one TensorFlow op to ONNX ops. @returns its output, or a list of its outputs */
type Translation = (writer: OnnxWriter, inputs: readonly string[], node: GraphNode) => string | readonly string[];

const renamed =
  (op: string): Translation =>
  (writer, inputs) =>
    writer.add(op, inputs);

const reduced =
  (op: string): Translation =>
  (writer, [x, axes], node) =>
    writer.add(op, [x, writer.toWhole(axes)], { keepdims: Number(flag(node, 'keep_dims')) });

/** Runs an op on images with channels first. TensorFlow has channels last, ONNX first. */
function channelsFirst(writer: OnnxWriter, images: string, run: (images: string) => string): string {
  const result = run(writer.add('Transpose', [images], { perm: [0, 3, 1, 2] }));
  return writer.add('Transpose', [result], { perm: [0, 2, 3, 1] });
}

const pooled =
  (op: string): Translation =>
  (writer, [x], node) =>
    channelsFirst(writer, x, (images) => {
      const size = { kernel_shape: middle(ints(node, 'ksize')), strides: middle(ints(node, 'strides')) };
      return writer.add(op, [images], { ...size, ...paddingOf(node) });
    });

/** Translations by TensorFlow's op name, for opset 18. */
export const translations: Readonly<Record<string, Translation>> = {
  Add: renamed('Add'),
  AddV2: renamed('Add'),
  AddN: renamed('Sum'),
  Sub: renamed('Sub'),
  Mul: renamed('Mul'),
  RealDiv: renamed('Div'),
  Maximum: renamed('Max'),
  Minimum: renamed('Min'),
  Pow: renamed('Pow'),
  Greater: renamed('Greater'),
  GreaterEqual: renamed('GreaterOrEqual'),
  Less: renamed('Less'),
  LessEqual: renamed('LessOrEqual'),
  Equal: renamed('Equal'),
  LogicalAnd: renamed('And'),
  LogicalOr: renamed('Or'),
  LogicalNot: renamed('Not'),
  Select: renamed('Where'),
  SelectV2: renamed('Where'),
  IsNan: renamed('IsNaN'),
  Identity: renamed('Identity'),
  Neg: renamed('Neg'),
  Abs: renamed('Abs'),
  Exp: renamed('Exp'),
  Log: renamed('Log'),
  Sqrt: renamed('Sqrt'),
  Erf: renamed('Erf'),
  Tanh: renamed('Tanh'),
  Sigmoid: renamed('Sigmoid'),
  Softplus: renamed('Softplus'),
  Relu: renamed('Relu'),
  Square: (writer, [x]) => writer.add('Mul', [x, x]),
  Rsqrt: (writer, [x]) => writer.add('Reciprocal', [writer.add('Sqrt', [x])]),
  Softmax: (writer, [x]) => writer.add('Softmax', [x], { axis: -1 }),
  LogSoftmax: (writer, [x]) => writer.add('LogSoftmax', [x], { axis: -1 }),
  Cast: (writer, [x], node) => writer.add('Cast', [x], { to: onnxTypes.get(type(node, 'DstT')) as number }),
  Shape: (writer, [x]) => writer.add('Cast', [writer.add('Shape', [x])], { to: 6 }),
  Reshape: (writer, [x, shape]) => writer.add('Reshape', [x, writer.toWhole(shape)]),
  ExpandDims: (writer, [x, axis]) => writer.add('Unsqueeze', [x, writer.whole([...writer.numbers(axis)])]),
  Transpose: (writer, [x, order]) => writer.add('Transpose', [x], { perm: writer.numbers(order) }),
  Tile: (writer, [x, times]) => writer.add('Tile', [x, writer.toWhole(times)]),
  Fill: (writer, [shape, value]) => writer.add('Expand', [value, writer.toWhole(shape)]),
  BroadcastTo: (writer, [x, shape]) => writer.add('Expand', [x, writer.toWhole(shape)]),
  Range: renamed('Range'),
  ConcatV2: (writer, inputs) => {
    const [axis] = writer.numbers(inputs[inputs.length - 1]);
    return writer.add('Concat', inputs.slice(0, -1), { axis });
  },
  Pack: (writer, inputs, node) => {
    const axis = int(node, 'axis');
    const parts = inputs.map((input) => writer.add('Unsqueeze', [input, writer.whole([axis])]));
    return writer.add('Concat', parts, { axis });
  },
  SplitV: (writer, [x, sizes, axis], node) =>
    writer.addMany('Split', [x, writer.toWhole(sizes)], int(node, 'num_split'), { axis: writer.numbers(axis)[0] }),
  Slice: (writer, [x, begin, size]) => {
    const [starts, sizes] = [writer.toWhole(begin), writer.toWhole(size)];
    return writer.add('Slice', [x, starts, writer.add('Add', [starts, sizes])]);
  },
  GatherV2: (writer, [x, places, axis]) => writer.add('Gather', [x, places], { axis: writer.numbers(axis)[0] }),
  TopKV2: (writer, [x, k]) => {
    const count = writer.add('Reshape', [writer.toWhole(k), writer.whole([1])]);
    const [values, places] = writer.addMany('TopK', [x, count], 2);
    return [values, writer.add('Cast', [places], { to: 6 })];
  },
  PadV2: (writer, [x, sizes, value]) => writer.add('Pad', [x, paddingList(writer, sizes), value]),
  Pad: (writer, [x, sizes]) => writer.add('Pad', [x, paddingList(writer, sizes)]),
  Mean: reduced('ReduceMean'),
  Sum: reduced('ReduceSum'),
  Max: reduced('ReduceMax'),
  Min: reduced('ReduceMin'),
  Prod: reduced('ReduceProd'),
  MatMul: (writer, [a, b], node) => {
    const turned = (x: string, name: string): string =>
      flag(node, name) ? writer.add('Transpose', [x], { perm: [1, 0] }) : x;
    return writer.add('MatMul', [turned(a, 'transpose_a'), turned(b, 'transpose_b')]);
  },
  BatchMatMulV2: (writer, [a, b], node) => {
    const [turnA, turnB] = [flag(node, 'adj_x'), flag(node, 'adj_y')];
    if (!turnA && !turnB) return writer.add('MatMul', [a, b]);
    const equation = `...${turnA ? 'ji' : 'ij'},...${turnB ? 'kj' : 'jk'}->...ik`;
    return writer.add('Einsum', [a, b], { equation });
  },
  Conv2D: (writer, [x, filter], node) =>
    channelsFirst(writer, x, (images) => {
      const steps = { strides: middle(ints(node, 'strides')), dilations: middle(ints(node, 'dilations')) };
      return writer.add('Conv', [images, writer.filter(filter)], { ...steps, ...paddingOf(node) });
    }),
  MaxPool: pooled('MaxPool'),
  AvgPool: pooled('AveragePool'),
};

function paddingList(writer: OnnxWriter, sizes: string): string {
  const numbers = writer.numbers(sizes);
  const [before, after] = [0, 1].map((side) => numbers.filter((_, i) => i % 2 === side));
  return writer.whole([...before, ...after]);
}

function paddingOf(node: GraphNode): Readonly<Record<string, OnnxAttribute>> {
  const padding = text(node, 'padding');
  if (padding === 'SAME') return { auto_pad: 'SAME_UPPER' };
  if (padding === 'VALID') return { auto_pad: 'VALID' };
  const [, , top, bottom, left, right] = ints(node, 'explicit_paddings');
  return { pads: [top, left, bottom, right] };
}

/** Height and width of [batch, height, width, channels]. */
function middle([, height, width]: readonly number[]): readonly number[] {
  return [height, width];
}

function attribute(node: GraphNode, name: string): AttributeValue {
  return node.attributes.get(name) ?? { int: Number.NaN };
}
function int(node: GraphNode, name: string): number {
  return (attribute(node, name) as { readonly int: number }).int;
}
function ints(node: GraphNode, name: string): readonly number[] {
  return (attribute(node, name) as { readonly ints: readonly number[] }).ints;
}
function flag(node: GraphNode, name: string): boolean {
  return (attribute(node, name) as { readonly bool: boolean }).bool;
}
function text(node: GraphNode, name: string): string {
  return (attribute(node, name) as { readonly string: string }).string;
}
function type(node: GraphNode, name: string): number {
  return (attribute(node, name) as { readonly type: number }).type;
}
