import { NotSupportedError } from '@ltml/tensor';
import { type HostComputation, type InPlaceUpdate, type StepRecorder, stepRecorderKey } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import { GraphBuilder, type NamedTensor } from './graph.ts';
import type { NativeBackend, OpAttribute } from './native-backend.ts';
import { isUniform, RecordedConstants } from './recorded-constants.ts';
import { type RecordedVariable, RecordedVariables, type VariableInProgress } from './recorded-variables.ts';
import { SharedValues } from './shared-values.ts';

/** Values that the host computes before each run. */
export interface RecordedHostInput {
  readonly node: string;
  readonly shape: number[];
  readonly fill: () => Float32Array;
  /** Values of the recorded run. */
  readonly recorded: Float32Array;
}

/** A place where the host computes in the middle of a run. */
export interface RecordedCut {
  /** Number of graph nodes before it. */
  readonly at: number;
  /** The tensors that the host reads. */
  readonly inputs: readonly string[];
  /** The placeholders of the host's results. */
  readonly outputs: readonly string[];
  readonly shapes: readonly number[][];
  readonly compute: HostComputation;
}

/** Options of {@link record}. */
export interface RecordOptions {
  /** Name of the step in errors. */
  readonly name: string;
  /**
   * Called for something that can't be recorded. It may throw. If it returns, the step continues eagerly, and the
   * recording is unusable.
   */
  readonly refuse: (error: NotSupportedError) => void;
  /** Whether the outputs need correct values. If not, recording needs only a fraction of the memory of an eager run. */
  readonly keepValues: boolean;
  /** Writes the values of variables into the graph as constants, for a model that is not trained further. */
  readonly frozen?: boolean;
  /** Marks the ops for XLA. */
  readonly xla?: boolean;
}

/** A step as a graph, with the names of its inputs and outputs. */
export interface Recording {
  readonly graph: GraphBuilder;
  readonly arguments: readonly NamedTensor[];
  readonly hostInputs: readonly RecordedHostInput[];
  /** In the order of the step. */
  readonly cuts: readonly RecordedCut[];
  readonly variables: readonly RecordedVariable[];
  readonly outputs: Readonly<Record<string, NamedTensor>>;
  /** Whether the kernels take so long that it pays to run independent ones in parallel threads. */
  readonly isLong: boolean;
  /** TensorFlow's type number of a tensor that an op of the step made; undefined for other tensors. */
  typeOf(tensor: string): number | undefined;
  /** The line of the user's code that made a node, for errors. */
  lineOf(node: string): string;
}

/** Largest size of a constant in a graph, 1 MiB. A larger one is data, which should be an input. */
const largestConstant = 1 << 20;

/**
 * Least number of entries of a long element-wise kernel, 2 MiB. Handing work to another thread costs about 0.05 ms, and
 * shorter kernels take less than that. Measured on two cores: losses at [64, 7186] and a two-layer head of width 512 are
 * faster with one thread; a contrastive loss with a queue of 65,536 is slower. Convolutions are long at any size.
 */
const entriesOfLongKernels = 1 << 19;
const longOps = /^(Depthwise)?Conv/;

const randomOps = /^(Stateless)?(Random|Multinomial|TruncatedNormal|ParameterizedTruncated)/;

/** Runs a step once, eagerly, and records all its kernels. */
export function record<Out extends Record<string, tf.Tensor>>(
  backend: NativeBackend,
  args: readonly tf.Tensor[],
  step: () => Out,
  options: RecordOptions,
): { recording: Recording; outputs: Out } {
  const recorder = new Recorder(backend, options);
  recorder.addArguments(args);
  const restore = recorder.listen();
  let outputs: Out;
  try {
    outputs = tf.tidy(step);
  } finally {
    restore();
  }
  return { recording: recorder.finish(outputs), outputs };
}

/**
 * Follows tensors by their data ids. A tensor that the step did not compute is an argument, a host input, a variable,
 * or otherwise a constant. A variable whose data id has changed was assigned.
 */
class Recorder {
  readonly #backend: NativeBackend;
  readonly #options: RecordOptions;
  readonly #graph: GraphBuilder;
  readonly #nodes = new Map<object, string>();
  readonly #origins = new Map<string, Error>();
  readonly #constants: RecordedConstants;
  readonly #variables: RecordedVariables;
  readonly #hostInputs: RecordedHostInput[] = [];
  readonly #cuts: RecordedCut[] = [];
  readonly #types = new Map<string, tf.DataType>();
  readonly #arguments: NamedTensor[] = [];
  readonly #engine: string = tf.getBackend();
  #isLong = false;
  /** Set while eager code runs that the graph represents in another way. */
  #paused = false;
  readonly #before: ReadonlyMap<object, tf.Variable>;
  /** The backend's own function, without the check that `listen` adds. */
  readonly #readSync: NativeBackend['readSync'];

  constructor(backend: NativeBackend, options: RecordOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#readSync = backend.readSync.bind(backend);
    // TensorFlow groups the marked ops that XLA can compile, and leaves the others.
    const marks = options.xla ? [{ name: '_XlaCompile', type: backend.binding.TF_ATTR_BOOL, value: true }] : [];
    this.#graph = new GraphBuilder(backend.binding, marks);
    this.#variables = new RecordedVariables(this.#graph);
    this.#constants = new RecordedConstants(this.#graph, backend.binding.TF_INT32);
    this.#before = variablesByDataId(backend);
  }

  addArguments(args: readonly tf.Tensor[]): void {
    for (const [i, { dataId, dtype, shape }] of args.entries()) {
      if (this.#nodes.has(dataId)) this.#refuse(`argument ${i}, the same tensor as an earlier one,`, 'Clone it first.');
      const type = nativeType(this.#backend, dtype);
      const node = this.#graph.placeholder(type, shape);
      this.#nodes.set(dataId, node);
      this.#arguments.push({ node, dtype: type, shape });
    }
  }

  /** Starts to record ops that TensorFlow.js calls in the addon. @returns a function that stops recording */
  listen(): () => void {
    const backend = this.#backend;
    const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;
    const { random } = Math;
    const { stackTraceLimit } = Error;
    // There are about a dozen frames of TensorFlow.js between the user's line and a kernel.
    Error.stackTraceLimit = 100;
    const draw = 'Draw on the host from a seeded stream and hand the values in with fromHost.';

    const shared = this.#options.keepValues ? undefined : new SharedValues(backend);
    const recorder: StepRecorder = {
      hostInput: (tensor, values, fill) => this.#addHostInput(tensor, values, fill),
      throughHost: (inputs, results, compute) => this.#cut(inputs, results, compute),
      updateInPlace: (updates, eager) => this.#updateInPlace(updates, eager),
    };
    Reflect.set(backend, stepRecorderKey, recorder);
    backend.executeSingleOutput = (op, attributes, inputs) => {
      if (randomOps.test(op)) this.#refuse(`the random op ${op}`, draw);
      const result = executeSingleOutput.call(backend, op, attributes, inputs);
      this.#write(op, attributes, inputs, [result]);
      shared?.share(result);
      return result;
    };
    backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const results = executeMultipleOutputs.call(backend, op, attributes, inputs, count);
      this.#write(op, attributes, inputs, results);
      for (const result of results) shared?.share(result);
      return results;
    };
    backend.readSync = (dataId) => {
      if (this.#nodes.has(dataId) || this.#before.has(dataId)) {
        this.#refuse('a read of a tensor back to the host', 'Return the tensor from the step and read it outside.');
      }
      return readSync.call(backend, dataId);
    };
    Math.random = () => {
      this.#refuse('a draw from Math.random', draw);
      return random();
    };

    return () => {
      Math.random = random;
      Error.stackTraceLimit = stackTraceLimit;
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync });
      Reflect.deleteProperty(backend, stepRecorderKey);
      shared?.dispose();
    };
  }

  finish(outputs: Readonly<Record<string, tf.Tensor>>): Recording {
    if (tf.getBackend() !== this.#engine) {
      this.#refuse(`a switch of the engine to ${tf.getBackend()}`, 'Switch between steps.');
    }
    const known = new Set(this.#before.values());
    for (const variable of registeredVariables()) {
      if (!known.has(variable)) {
        this.#refuse(`the new variable ${variable.name}`, 'Make all state before the first run.');
      }
    }
    for (const [dataId, variable] of this.#before) {
      if (variable.isDisposed || variable.dataId === dataId) continue;
      const recorded = this.#variables.get(variable) ?? this.#addVariable(variable, dataId);
      if (recorded.holds === variable.dataId) continue;
      const inputs = [recorded.handle, this.#nodeOf(variable)];
      this.#addWrite('AssignVariableOp', inputs, [this.#graph.type('dtype', recorded.dtype)], [recorded]);
    }
    return {
      graph: this.#graph,
      arguments: this.#arguments,
      hostInputs: this.#hostInputs,
      cuts: this.#cuts,
      variables: this.#variables.all(),
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([key, tensor]) => {
          const { dtype, shape } = tensor;
          return [key, { node: this.#nodeOf(tensor), dtype: nativeType(this.#backend, dtype), shape }];
        }),
      ),
      isLong: this.#isLong,
      typeOf: (tensor) => {
        const dtype = this.#types.get(tensor);
        return dtype && nativeType(this.#backend, dtype);
      },
      lineOf: (node) => userLine(this.#origins.get(node)),
    };
  }

  #write(op: string, attributes: readonly OpAttribute[], inputs: readonly tf.TensorInfo[], results: tf.Tensor[]): void {
    if (this.#paused) return;
    const names = inputs.map((input) => this.#nodeOf(input));
    const node = this.#graph.node(op, names, attributes);
    this.#isLong ||= longOps.test(op) || results.some(({ size }) => size >= entriesOfLongKernels);
    this.#origins.set(node, new Error());
    for (const [i, { dataId, dtype }] of results.entries()) {
      const tensor = i === 0 ? node : `${node}:${i}`;
      this.#nodes.set(dataId, tensor);
      this.#types.set(tensor, dtype);
    }
  }

  #nodeOf(tensor: tf.TensorInfo): string {
    const known = this.#nodes.get(tensor.dataId);
    if (known) return known;
    const variable = this.#before.get(tensor.dataId);
    const isState = variable && !this.#options.frozen;
    const node = isState ? this.#addVariable(variable, tensor.dataId).read : this.#addConstant(tensor);
    this.#nodes.set(tensor.dataId, node);
    return node;
  }

  #addHostInput({ dataId, shape }: tf.Tensor, recorded: Float32Array, fill: () => Float32Array): void {
    const node = this.#graph.placeholder(this.#backend.binding.TF_FLOAT, shape);
    this.#nodes.set(dataId, node);
    this.#hostInputs.push({ node, shape, fill, recorded });
  }

  #cut(given: readonly tf.Tensor[], results: readonly tf.Tensor[], compute: HostComputation): void {
    const { frozen = false, keepValues } = this.#options;
    if (frozen || keepValues) this.#refuse('a tensor that the host makes', 'Run such a step eagerly.');
    // An argument can't be asked for as it is.
    const inputs = given.map((input) => {
      const type = this.#graph.type('T', nativeType(this.#backend, input.dtype));
      return this.#graph.node('Identity', [this.#nodeOf(input)], [type]);
    });
    const at = this.#graph.nodes.length;
    const outputs = results.map(({ dataId, shape }) => {
      const output = this.#graph.placeholder(this.#backend.binding.TF_FLOAT, shape);
      this.#nodes.set(dataId, output);
      return output;
    });
    this.#cuts.push({ at, inputs, outputs, shapes: results.map(({ shape }) => shape), compute });
  }

  /** @param holds data id of the variable at the start of the step */
  #addVariable(variable: tf.Variable, holds: object): VariableInProgress {
    const recorded = this.#variables.add(variable, nativeType(this.#backend, variable.dtype), holds);
    this.#nodes.set(holds, recorded.read);
    return recorded;
  }

  #updateInPlace(updates: readonly InPlaceUpdate[], eager: () => void): void {
    const planned = updates.map((update) => ({
      ...update,
      residents: update.variables.map((variable) => this.#resident(variable)).filter((entry) => entry !== undefined),
      nodes: update.inputs.map((input) => this.#nodeOf(input)),
    }));
    if (this.#options.frozen || planned.some(({ residents, variables }) => residents.length < variables.length)) {
      eager();
      return;
    }
    this.#paused = true;
    try {
      eager();
    } finally {
      this.#paused = false;
    }
    this.#isLong ||= updates.some(({ variables }) => variables.some(({ size }) => size >= entriesOfLongKernels));
    const { binding } = this.#backend;
    for (const { op, residents, nodes, attributes = {} } of planned) {
      const flags = Object.entries(attributes).map(([name, value]) => ({ name, type: binding.TF_ATTR_BOOL, value }));
      const inputs = [...residents.map(({ handle }) => handle), ...nodes];
      this.#addWrite(op, inputs, [this.#graph.type('T', residents[0].dtype), ...flags], residents);
    }
    for (const resident of new Set(planned.flatMap(({ residents }) => residents))) {
      this.#nodes.set(resident.variable.dataId, this.#variables.readAgain(resident));
    }
  }

  /**
   * The variable in the graph. Undefined if the step assigned it a computed value before, so that it differs from its
   * resource.
   */
  #resident(variable: tf.Variable): VariableInProgress | undefined {
    const { dataId } = variable;
    const known = this.#variables.get(variable);
    if (known) return known.holds === dataId ? known : undefined;
    return this.#before.has(dataId) ? this.#addVariable(variable, dataId) : undefined;
  }

  /** Adds an op that changes variables. */
  #addWrite(...write: Parameters<RecordedVariables['write']>): void {
    this.#origins.set(this.#variables.write(...write), new Error());
  }

  #addConstant(tensor: tf.TensorInfo): string {
    const { binding } = this.#backend;
    // tfjs-node passes 64-bit arguments of ops as host values without a data id.
    const int64 = (tensor as { valueArray?: Int32Array }).valueArray;
    if (int64) return this.#constants.add(binding.TF_INT64, [], BigInt64Array.from(int64, BigInt));
    const values = this.#readSync(tensor.dataId) as Float32Array;
    const isData = values.byteLength > largestConstant && !this.#before.has(tensor.dataId) && !isUniform(values);
    if (isData) {
      this.#refuse(
        `a constant of shape [${tensor.shape}], ${(values.byteLength / 2 ** 20).toFixed(1)} MiB,`,
        'Pass it as an argument of the step, or keep it in a variable.',
      );
    }
    return this.#constants.add(nativeType(this.#backend, tensor.dtype), tensor.shape, values);
  }

  #refuse(what: string, hint: string): void {
    const error = new NotSupportedError({
      where: this.#options.name,
      argument: 'the step to compile',
      expected: 'a pure function of its arguments, variables and host inputs',
      received: `${what} ${userLine(new Error())}`,
      hint,
    });
    this.#options.refuse(error);
  }
}

/** Variables by data id. If several share a data id (one is a fresh copy of another), each gets its own first. */
function variablesByDataId(backend: NativeBackend): Map<object, tf.Variable> {
  const variables = new Map<object, tf.Variable>();
  for (const variable of registeredVariables()) {
    if (variables.has(variable.dataId)) {
      const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: nativeType(backend, variable.dtype) };
      const copy = backend.executeSingleOutput('Identity', [type], [variable]);
      variable.assign(copy);
      copy.dispose();
    }
    variables.set(variable.dataId, variable);
  }
  return variables;
}

function registeredVariables(): tf.Variable[] {
  return Object.values(tf.engine().state.registeredVariables);
}

function nativeType({ binding }: NativeBackend, dtype: tf.DataType): number {
  if (dtype === 'float32') return binding.TF_FLOAT;
  if (dtype === 'int32') return binding.TF_INT32;
  if (dtype === 'bool') return binding.TF_BOOL;
  throw new NotSupportedError({
    where: 'compile',
    argument: 'a tensor of the step',
    expected: 'of type float32, int32 or bool',
    received: dtype,
  });
}

/** The innermost stack line of the user's own code, outside TensorFlow.js and LTML. */
function userLine(error: Error | undefined): string {
  const frames = error?.stack?.split('\n').slice(1) ?? [];
  const own = frames.find(
    (frame) => /[\\/]/.test(frame) && !/node_modules|node:|\/(tensor|engines)\/(src|dist)\//.test(frame),
  );
  return (own ?? frames.at(-1) ?? 'at an unknown line').trim();
}
