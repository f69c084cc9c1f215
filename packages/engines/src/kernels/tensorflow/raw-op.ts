import { NotSupportedError } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/** The parts of tfjs-node's engine that these kernels use. */
interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_BOOL: number;
  };
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

/** Types that these kernels pass to TensorFlow. */
export type NumericType = 'float32' | 'int32' | 'bool';

/** Whether a type is one of {@link NumericType}. The engine's own kernels handle text and complex numbers. */
export function isNumeric(dtype: tf.DataType): dtype is NumericType {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/**
 * Attributes of an op, by their kind in TensorFlow's op definition. `T` is float32 unless `floatTypes` says otherwise.
 */
export interface RawAttributes {
  readonly ints?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly strings?: Readonly<Record<string, string>>;
  readonly bools?: Readonly<Record<string, boolean>>;
  /** Names of attributes that are the type float32; default `T`. */
  readonly floatTypes?: readonly string[];
  /** Attributes that are another type. */
  readonly types?: Readonly<Record<string, NumericType>>;
}

/**
 * Runs a TensorFlow op by its own name, without an op of TensorFlow.js.
 *
 * @throws NotSupportedError with op, shapes and TensorFlow's message
 */
export function runRawOp(
  backend: unknown,
  name: string,
  attributes: RawAttributes,
  inputs: readonly tf.TensorInfo[],
  outputs: number,
): tf.Tensor[] {
  const native = backend as NativeBackend;
  try {
    return native.executeMultipleOutputs(name, listAttributes(native, attributes), [...inputs], outputs);
  } catch (cause) {
    throw new NotSupportedError({
      where: `TensorFlow's ${name}`,
      argument: `the input of ${inputs.map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`).join(' and ')}`,
      expected: `shapes and types that fit its attributes ${JSON.stringify(attributes)}`,
      received: cause instanceof Error ? cause.message.replace(/\s+/g, ' ') : String(cause),
      cause,
    });
  }
}

/** Like {@link runRawOp}, for an op with one output. */
export function runRawOpOnce(
  backend: unknown,
  name: string,
  attributes: RawAttributes,
  inputs: readonly tf.TensorInfo[],
): tf.Tensor {
  return runRawOp(backend, name, attributes, inputs, 1)[0];
}

function listAttributes({ binding }: NativeBackend, attributes: RawAttributes): Attribute[] {
  const { ints = {}, floats = {}, strings = {}, bools = {}, floatTypes = ['T'], types = {} } = attributes;
  const typeNumbers = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL };
  const ofType = (values: Readonly<Record<string, unknown>>, type: number) =>
    Object.entries(values).map(([name, value]) => ({ name, type, value }));
  return [
    ...floatTypes.map((name) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT })),
    ...Object.entries(types).map(([name, type]) => ({ name, type: binding.TF_ATTR_TYPE, value: typeNumbers[type] })),
    ...ofType(ints, binding.TF_ATTR_INT),
    ...ofType(floats, binding.TF_ATTR_FLOAT),
    ...ofType(strings, binding.TF_ATTR_STRING),
    ...ofType(bools, binding.TF_ATTR_BOOL),
  ];
}
