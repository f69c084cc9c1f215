import * as tf from '@tensorflow/tfjs-core';
import { NotSupportedError } from '../../errors.ts';
import { type HostInputRecorder, hostInputRecorder } from '../../host-input.ts';
import { GraphBuilder } from './graph.ts';
import type { NativeBackend, OpAttribute } from './native-backend.ts';

/** A variable in the graph: its resource, the value at the start of a run, and its new value where a run assigns it. */
export interface RecordedVariable {
  readonly variable: tf.Variable;
  readonly dtype: number;
  readonly handle: string;
  readonly read: string;
  assigned?: string;
}

/** A step as a graph, with the names by which it is fed and read. */
export interface Recording {
  readonly graph: GraphBuilder;
  readonly arguments: readonly string[];
  readonly hostInputs: readonly {
    readonly name: string;
    readonly shape: number[];
    readonly fill: () => Float32Array;
  }[];
  readonly variables: readonly RecordedVariable[];
  readonly outputs: Readonly<Record<string, string>>;
  /** TensorFlow's type numbers of the outputs, in their order. */
  readonly outputTypes: readonly number[];
  /** Where in the step a node was made, for errors. */
  lineOf(node: string): string;
}

/** Constants up to this size may be part of a graph, 1 MiB; more than that is data, and belongs among the inputs. */
const largestConstant = 1 << 20;

/**
 * Runs a step once, eagerly, and writes down every kernel on the way.
 *
 * Tensors are followed by their data id. One that the step did not compute is an argument, a host input, a variable,
 * or else a constant. A variable whose data id differs afterwards was assigned.
 */
export function record<Out extends Record<string, tf.Tensor>>(
  backend: NativeBackend,
  name: string,
  args: readonly tf.Tensor[],
  run: () => Out,
): { recording: Recording; outputs: Out } {
  const graph = new GraphBuilder(backend.binding);
  const nodes = new Map<object, string>();
  const origins = new Map<string, Error>();
  const constants = new Map<string, string>();
  const variables: RecordedVariable[] = [];
  const hostInputs: Recording['hostInputs'][number][] = [];
  const before = registeredVariables();
  const variableOf = new Map([...before].map((variable) => [variable.dataId as object, variable]));

  const refuse = (what: string, hint: string, origin: Error = new Error()): never => {
    throw new NotSupportedError({
      where: name,
      argument: 'the step to compile',
      expected: 'a pure function of its arguments, variables and host inputs',
      received: `${what} ${userLine(origin)}`,
      hint,
    });
  };

  const addVariable = (variable: tf.Variable): RecordedVariable => {
    const dtype = nativeType(backend, variable.dtype);
    const attributes = [graph.type('dtype', dtype), graph.shape('shape', variable.shape)];
    const shared = graph.string('shared_name', `v${variables.length}`);
    const handle = graph.node('VarHandleOp', [], [...attributes, shared, graph.string('container', '')]);
    const read = graph.node('ReadVariableOp', [handle], [graph.type('dtype', dtype)]);
    const recorded: RecordedVariable = { variable, dtype, handle, read };
    variables.push(recorded);
    return recorded;
  };

  const nodeOf = (tensor: tf.TensorInfo): string => {
    const known = nodes.get(tensor.dataId);
    if (known) return known;
    const variable = variableOf.get(tensor.dataId);
    const node = variable ? addVariable(variable).read : addConstant(tensor);
    nodes.set(tensor.dataId, node);
    return node;
  };

  const readSync = (dataId: object): ArrayBufferView => originalReadSync.call(backend, dataId);

  const addConstant = (tensor: tf.TensorInfo): string => {
    // Int64 scalars are attributes in disguise: tfjs-node passes them as bare host values, without a data id.
    const int64 = (tensor as { valueArray?: Int32Array }).valueArray;
    const values = int64 ? BigInt64Array.from(int64, BigInt) : readSync(tensor.dataId);
    const dtype = int64 ? backend.binding.TF_INT64 : nativeType(backend, tensor.dtype);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (bytes.length > largestConstant) {
      refuse(
        `a constant of shape [${tensor.shape}], ${(bytes.length / 2 ** 20).toFixed(1)} MiB,`,
        'Pass it as an argument of the step, or keep it in a variable.',
      );
    }
    const key = `${dtype} ${int64 ? '' : tensor.shape} ${Buffer.from(bytes).toString('latin1')}`;
    let node = constants.get(key);
    if (!node) {
      node = graph.constant(dtype, int64 ? [] : tensor.shape, bytes);
      constants.set(key, node);
    }
    return node;
  };

  const { executeSingleOutput, executeMultipleOutputs, readSync: originalReadSync } = backend;
  const write = (
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tf.TensorInfo[],
    results: tf.Tensor[],
  ) => {
    if (/^(Stateless)?(Random|Multinomial|TruncatedNormal|ParameterizedTruncated)/.test(op)) {
      refuse(`the random op ${op}`, 'Draw on the host from a seeded stream and hand the values in with fromHost.');
    }
    const node = graph.node(op, inputs.map(nodeOf), attributes);
    origins.set(node, new Error());
    for (const [i, result] of results.entries()) nodes.set(result.dataId, i === 0 ? node : `${node}:${i}`);
  };

  for (const [i, arg] of args.entries()) {
    if (nodes.has(arg.dataId)) refuse(`argument ${i}, which is the same tensor as an earlier one,`, 'Clone it first.');
    nodes.set(arg.dataId, graph.placeholder(nativeType(backend, arg.dtype), arg.shape));
  }
  const argumentNodes = args.map((arg) => nodes.get(arg.dataId) as string);

  const random = Math.random;
  const engineName = tf.getBackend();
  let outputs: Out;
  try {
    Reflect.set(backend, hostInputRecorder, ((tensor, fill) => {
      const node = graph.placeholder(backend.binding.TF_FLOAT, tensor.shape);
      nodes.set(tensor.dataId, node);
      hostInputs.push({ name: node, shape: tensor.shape, fill });
    }) satisfies HostInputRecorder);
    backend.executeSingleOutput = (op, attributes, inputs) => {
      const result = executeSingleOutput.call(backend, op, attributes, inputs);
      write(op, attributes, inputs, [result]);
      return result;
    };
    backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const results = executeMultipleOutputs.call(backend, op, attributes, inputs, count);
      write(op, attributes, inputs, results);
      return results;
    };
    backend.readSync = (dataId) => {
      if (nodes.has(dataId) || variableOf.has(dataId)) {
        refuse('a read of a tensor back to the host', 'Return the tensor from the step and read it outside.');
      }
      return readSync(dataId);
    };
    Math.random = () =>
      refuse('a draw from Math.random', 'Draw on the host from a seeded stream and hand the values in with fromHost.');
    outputs = tf.tidy(run);
  } finally {
    Math.random = random;
    Reflect.deleteProperty(backend, hostInputRecorder);
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync: originalReadSync });
  }
  if (tf.getBackend() !== engineName) refuse(`a switch of the engine to ${tf.getBackend()}`, 'Switch between steps.');
  for (const variable of registeredVariables()) {
    if (!before.has(variable)) refuse(`the new variable ${variable.name}`, 'Make all state before the first run.');
  }

  for (const [dataId, variable] of variableOf) {
    if (variable.isDisposed || variable.dataId === dataId) continue;
    const recorded = variables.find((entry) => entry.variable === variable) ?? addVariable(variable);
    recorded.assigned = nodeOf(variable);
  }
  const outputNodes = Object.fromEntries(Object.entries(outputs).map(([key, tensor]) => [key, nodeOf(tensor)]));
  const recording: Recording = {
    graph,
    arguments: argumentNodes,
    hostInputs,
    variables,
    outputs: outputNodes,
    outputTypes: Object.values(outputs).map((tensor) => nativeType(backend, tensor.dtype)),
    lineOf: (node) => userLine(origins.get(node)),
  };
  return { recording, outputs };
}

function registeredVariables(): Set<tf.Variable> {
  return new Set(Object.values(tf.engine().state.registeredVariables));
}

export function nativeType({ binding }: NativeBackend, dtype: tf.DataType): number {
  if (dtype === 'float32') return binding.TF_FLOAT;
  if (dtype === 'int32') return binding.TF_INT32;
  if (dtype === 'bool') return binding.TF_BOOL;
  throw new Error(`tensors of the type ${dtype} can't be part of a compiled step`);
}

/** The innermost line of a stack that is the user's own: outside TensorFlow.js and outside this package. */
function userLine(error: Error | undefined): string {
  const frames = error?.stack?.split('\n').slice(1) ?? [];
  const own = frames.find((frame) => !/node_modules|node:|\/tensor\/(src|dist)\//.test(frame));
  return (own ?? frames.at(-1) ?? 'at an unknown line').trim();
}
