import type * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend, OpAttribute } from '../compile/native-backend.ts';
import { SmallConstants, type TensorMaker } from './small-constants.ts';

/** Functions that LTML's addon has besides those of tfjs-node, see native/addon/execute.cc. */
interface ExecuteBinding extends TensorMaker {
  /** Registers an op with attributes. @returns its number */
  prepareOp(name: string, attributes: readonly OpAttribute[]): number;
  shareWords(words: Int32Array): void;
  /** Runs the op described in the shared words, and writes its outputs there. */
  execute(): void;
}

/** An op with one set of attributes, and its number in the addon. */
interface PreparedOp {
  readonly attributes: readonly OpAttribute[];
  readonly number: number;
}

/** What the addon shares with all backends of a process. */
interface Calls {
  readonly prepared: Map<string, PreparedOp[]>;
  readonly words: Int32Array;
}

/** By addon: a backend that is made later shares them, because the addon keeps one memory of words only. */
const shared = new WeakMap<ExecuteBinding, Calls>();

const wordCount = 4096;
/** Each output needs three words, and one for each of at most 8 axes. */
const mostOutputs = 64;
const mostInputs = 1024;
/** Largest number of stored sets of attributes per op; further ones are parsed at each call. */
const mostVariants = 64;

/**
 * Makes the engine run ops with LTML's `execute`: attributes are parsed once per op, and small constants (axes, shapes,
 * factors) become tensors once. Without it in the addon, nothing changes.
 */
export function executeDirectly(backend: NativeBackend): void {
  const binding = backend.binding as unknown as ExecuteBinding & { readonly execute?: unknown };
  if (!binding.execute) return;
  const { executeMultipleOutputs } = backend;
  const constants = new SmallConstants(binding);
  const { prepared, words } = callsOf(binding);

  const idOf = (input: tf.TensorInfo): number => {
    // tfjs-node passes 64-bit arguments of ops as host values without a data id.
    const int64 = (input as { valueArray?: Int32Array }).valueArray;
    if (int64) return constants.idOf(int64, [], backend.binding.TF_INT64) as number;
    const entry = backend.tensorMap.get(input.dataId);
    if (entry.values === null) return entry.id;
    return constants.idOfEntry(entry) ?? backend.getInputTensorIds([input])[0];
  };

  const numberOf = (op: string, attributes: readonly OpAttribute[]): number | undefined => {
    let variants = prepared.get(op);
    if (!variants) {
      variants = [];
      prepared.set(op, variants);
    }
    for (let i = 0; i < variants.length; i++) {
      if (areEqual(variants[i].attributes, attributes)) return variants[i].number;
    }
    if (variants.length === mostVariants) return undefined;
    const number = binding.prepareOp(op, attributes);
    variants.push({ attributes: structuredClone(attributes), number });
    return number;
  };

  const run = (op: string, attributes: readonly OpAttribute[], inputs: readonly tf.TensorInfo[], outputs: number) => {
    const number = numberOf(op, attributes);
    if (number === undefined || inputs.length > mostInputs || outputs > mostOutputs) {
      return executeMultipleOutputs.call(backend, op, attributes, inputs, outputs);
    }
    constants.trim();
    words[0] = number;
    words[1] = outputs;
    words[2] = inputs.length;
    for (let i = 0; i < inputs.length; i++) words[3 + i] = idOf(inputs[i]);
    binding.execute();
    const results: tf.Tensor[] = [];
    for (let i = 0, at = 0; i < outputs; i++) {
      const shape: number[] = [];
      for (let axis = 0; axis < words[at + 2]; axis++) shape.push(words[at + 3 + axis]);
      results.push(backend.createOutputTensor({ id: words[at], shape, dtype: words[at + 1] }));
      at += 3 + shape.length;
    }
    return results;
  };

  backend.executeMultipleOutputs = run;
  backend.executeSingleOutput = (op, attributes, inputs) => run(op, attributes, inputs, 1)[0];
}

function callsOf(binding: ExecuteBinding): Calls {
  let calls = shared.get(binding);
  if (!calls) {
    calls = { prepared: new Map(), words: new Int32Array(wordCount) };
    binding.shareWords(calls.words);
    shared.set(binding, calls);
  }
  return calls;
}

function areEqual(a: readonly OpAttribute[], b: readonly OpAttribute[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i].name !== b[i].name || a[i].type !== b[i].type || !isSameValue(a[i].value, b[i].value)) return false;
  }
  return true;
}

function isSameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a)) return Object.is(a, b);
  if (!Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
