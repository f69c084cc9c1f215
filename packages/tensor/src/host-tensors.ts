import * as tf from '@tensorflow/tfjs-core';
import { fetchTogether } from './compile.ts';
import { DataError } from './errors.ts';
import type { Layout } from './module.ts';
import type { HostTensor } from './safetensors.ts';

/** A variable and its axis order in files. */
export interface Stored {
  readonly variable: tf.Variable;
  readonly layout: Layout | undefined;
}

/** Names without a counterpart when tensors were imported. */
export interface ImportReport {
  /** State names for which there was no tensor. */
  readonly missing: readonly string[];
  /** Tensors that the state has no place for. */
  readonly unexpected: readonly string[];
}

/** How a tensor's axes in memory are put into the order of files; the same permutation leads back. */
const fileOrder: Readonly<Record<Layout, number[]>> = { OIHW: [3, 2, 0, 1], OI: [1, 0] };
const memoryOrder: Readonly<Record<Layout, number[]>> = { OIHW: [2, 3, 1, 0], OI: [1, 0] };

/** The engine's type for each type of file, and the other way round. */
const engineTypes = { F32: 'float32', F64: 'float32', I32: 'int32', I64: 'int32', U8: 'int32', BOOL: 'bool' } as const;
const fileTypes = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;

/** Reads variables to the host in the axis order of files. All values are from the moment of the call. */
export async function readHostTensors(
  variables: Iterable<readonly [string, Stored]>,
): Promise<Map<string, HostTensor>> {
  // A clone keeps the memory alive while its variable may be assigned during the waits below.
  const held = [...variables].map(([name, { variable, layout }]) => ({
    name,
    layout,
    tensor: tf.keep(variable.clone()),
  }));
  const read = new Map<string, HostTensor>();
  try {
    fetchTogether(held.map(({ tensor }) => tensor));
    for (const { name, tensor, layout } of held) read.set(name, await readHostTensor(tensor, layout));
  } finally {
    for (const { tensor } of held) tensor.dispose();
  }
  return read;
}

/** Writes host tensors into the variables of the same names. With `partial`, the sets of names may differ. */
export function assignHostTensors(
  where: string,
  variables: ReadonlyMap<string, Stored>,
  tensors: ReadonlyMap<string, HostTensor>,
  partial: boolean = false,
): ImportReport {
  const expected = new Map([...variables].map(([name, stored]) => [name, hostForm(stored)]));
  const report = checkHostTensors(where, expected, tensors, partial);
  for (const [name, { variable, layout }] of variables) {
    const value = tensors.get(name);
    if (value) tf.tidy(() => variable.assign(toTensor(value, layout)));
  }
  return report;
}

/** The form that a host tensor must have to be accepted. */
export interface HostForm {
  readonly shape: readonly number[];
  /** The dtype on the engine. */
  readonly type: tf.DataType;
}

/** The form in which a variable is stored. */
export function hostForm({ variable: { shape, dtype }, layout }: Stored): HostForm {
  return { shape: layout ? fileOrder[layout].map((axis) => shape[axis]) : shape, type: dtype };
}

/**
 * Compares tensors with the expected forms.
 *
 * @throws DataError listing all that are missing, unexpected or of another form
 */
export function checkHostTensors(
  where: string,
  expected: ReadonlyMap<string, HostForm>,
  tensors: ReadonlyMap<string, HostTensor>,
  partial: boolean = false,
): ImportReport {
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !expected.has(name));
  const problems = partial
    ? []
    : [...missing.map((name) => `${name} is missing`), ...unexpected.map((name) => `${name} is unexpected`)];
  for (const [name, { shape, type }] of expected) {
    const value = tensors.get(name);
    if (!value) continue;
    if (`${value.shape}` !== `${shape}`) problems.push(`${name} has shape [${value.shape}], not [${shape}]`);
    else if (engineTypes[value.dtype] !== type) problems.push(`${name} holds ${value.dtype}, not ${type}`);
    else if (value.data.length !== sizeOf(shape)) {
      problems.push(`${name} has ${value.data.length} values for the shape [${shape}]`);
    } else {
      const wide = beyondInt32(value.data);
      if (wide !== undefined) problems.push(`${name} holds ${wide}, which does not fit into int32`);
    }
  }
  if (problems.length === 0) return { missing, unexpected };
  throw new DataError({
    where,
    argument: 'tensors',
    expected: `the state, ${expected.size} tensors with their shapes`,
    received: `${tensors.size} tensors: ${problems.join('; ')}`,
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}

function beyondInt32(data: HostTensor['data']): bigint | undefined {
  if (!(data instanceof BigInt64Array)) return undefined;
  return data.find((value) => value !== BigInt.asIntN(32, value));
}

/** Copies a host tensor to the active engine, in memory order. */
export function toTensor({ data, dtype, shape }: HostTensor, layout: Layout | undefined): tf.Tensor {
  const type = engineTypes[dtype];
  const tensor = tf.tensor(copyValues(data, type), [...shape], type);
  return layout ? tf.transpose(tensor, memoryOrder[layout]) : tensor;
}

/** Always copies, because the engine `cpu` keeps the array that it is given. */
function copyValues(data: HostTensor['data'], type: 'float32' | 'int32' | 'bool'): tf.TypedArray {
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
  if (type === 'float32') return new Float32Array(data);
  return type === 'int32' ? new Int32Array(data) : new Uint8Array(data);
}

async function readHostTensor(tensor: tf.Tensor, layout: Layout | undefined): Promise<HostTensor> {
  const ordered = layout ? tf.keep(tf.transpose(tensor, fileOrder[layout])) : tensor;
  const data = await ordered.data();
  if (ordered !== tensor) ordered.dispose();
  return { dtype: fileTypes[ordered.dtype as keyof typeof fileTypes], shape: [...ordered.shape], data };
}
