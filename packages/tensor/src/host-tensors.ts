import * as tf from '@tensorflow/tfjs-core';
import { fetchTogether } from './compile.ts';
import { DataError } from './errors.ts';
import type { Layout } from './module.ts';
import type { HostTensor } from './safetensors.ts';

/** A variable and the axis order it has in files. */
export interface Stored {
  readonly variable: tf.Variable;
  readonly layout: Layout | undefined;
}

/** Names that did not meet when tensors were imported. */
export interface ImportReport {
  /** State for which no tensor came. */
  readonly missing: readonly string[];
  /** Tensors for which there is no place. */
  readonly unexpected: readonly string[];
}

/** Axes of a tensor in memory order, put into the order of files, and the way back. */
const fileOrder: Readonly<Record<Layout, number[]>> = { OIHW: [3, 2, 0, 1], OI: [1, 0] };
const memoryOrder: Readonly<Record<Layout, number[]>> = { OIHW: [2, 3, 1, 0], OI: [1, 0] };

/** The type that a tensor from a file has on an engine, and back. */
const engineTypes = { F32: 'float32', F64: 'float32', I32: 'int32', I64: 'int32', U8: 'int32', BOOL: 'bool' } as const;
const fileTypes = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;

/** Reads variables to the host in the axis order of files, all of them as they are at the call. */
export async function readHostTensors(
  variables: Iterable<readonly [string, Stored]>,
): Promise<Map<string, HostTensor>> {
  // A clone shares the memory and holds it, while its variable may be assigned anew during the waits below.
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

/** Writes host tensors into the variables of their names; with `partial`, names need not meet. */
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

/** What a host tensor must be like to be taken. */
export interface HostForm {
  readonly shape: readonly number[];
  /** The type on the engine. */
  readonly type: tf.DataType;
}

/** The form in which a variable is stored. */
export function hostForm({ variable: { shape, dtype }, layout }: Stored): HostForm {
  return { shape: layout ? fileOrder[layout].map((axis) => shape[axis]) : shape, type: dtype };
}

/** @throws DataError that lists all that are missing, unexpected or of another form */
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
      if (wide !== undefined) problems.push(`${name} holds ${wide}, which int32 has no place for`);
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

/** A host tensor on the active engine, in memory order. */
export function toTensor({ data, dtype, shape }: HostTensor, layout: Layout | undefined): tf.Tensor {
  const type = engineTypes[dtype];
  const tensor = tf.tensor(copyValues(data, type), [...shape], type);
  return layout ? tf.transpose(tensor, memoryOrder[layout]) : tensor;
}

/** Copies in any case: the engine `cpu` keeps the very array that it is given. */
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
