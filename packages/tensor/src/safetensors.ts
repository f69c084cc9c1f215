import { checkChoice, checkOptionNames } from './check-options.ts';
import { DataError } from './errors.ts';
import { narrowToHalf, widenBfloat, widenHalf } from './half.ts';
import { encodeHeader, formats, type HeaderEntry, parseHeader, readHeaderLength } from './safetensors-header.ts';

/** A tensor in host memory, as in a safetensors file. F16 and BF16 are converted to F32 when read. */
export interface HostTensor {
  readonly dtype: 'F32' | 'F64' | 'I32' | 'I64' | 'U8' | 'BOOL';
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  /** By name, in the order of the file's data. */
  readonly tensors: Map<string, HostTensor>;
  /** Free text, by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file from memory. The tensors are copies; the bytes may be reused.
 *
 * F16 and BF16 become F32 exactly, including subnormal numbers, infinities and NaN.
 *
 * @throws DataError if the file is truncated, has an unsupported type, has a name twice, has a BOOL other than 0 and 1,
 *   or its tensors do not fill the data without gap or overlap
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const dataStart = 8 + readHeaderLength(bytes.subarray(0, 8), bytes.byteLength);
  const { entries, metadata } = parseHeader(bytes.subarray(8, dataStart), bytes.byteLength - dataStart);
  const tensors = new Map<string, HostTensor>();
  for (const [name, entry] of entries) {
    // Not `slice`, which returns a view for Node's Buffer. The copy is also aligned, as typed arrays require.
    const copy = new Uint8Array(bytes.subarray(dataStart + entry.begin, dataStart + entry.end));
    tensors.set(name, decodeTensor(`the file, at "${name}"`, entry, copy.buffer));
  }
  return { tensors, metadata };
}

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /** Free text, by key. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The number format for F32 tensors; default F32. F16 rounds to nearest, ties to even. */
  readonly float32As?: 'F32' | 'F16';
}

/**
 * Writes a safetensors file into memory. The order of the input tensors does not change the bytes.
 *
 * Tensors are sorted by falling number size, then by name, so that each is aligned to its type.
 *
 * @throws DataError if a tensor's data do not fit its type and shape, if a number is too large for F16, or if the
 *   metadata are not text; OptionError
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  const chunks = [...encodeSafetensors(tensors, options)];
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** The bytes of a file piece by piece: the header first, then one tensor after the other. */
export function* encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  options: WriteSafetensorsOptions = {},
): Generator<Uint8Array> {
  checkOptionNames('writeSafetensors', options, ['metadata', 'float32As']);
  const { metadata = {}, float32As = 'F32' } = options;
  checkChoice('writeSafetensors', 'options.float32As', float32As, ['F32', 'F16']);
  checkMetadata(metadata);
  const planned = [...tensors].map(([name, tensor]) => {
    checkTensor(name, tensor);
    const { shape, data } = tensor;
    const dtype = tensor.dtype === 'F32' ? float32As : tensor.dtype;
    return { name, dtype, shape, data, byteLength: data.length * formats[dtype].bytes };
  });
  planned.sort((a, b) => formats[b.dtype].bytes - formats[a.dtype].bytes || (a.name < b.name ? -1 : 1));
  yield encodeHeader(planned, metadata);
  for (const { name, dtype, data } of planned) {
    const stored = dtype === 'F16' ? narrowToHalf(name, data as Float32Array) : data;
    yield new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  }
}

/**
 * Makes a tensor from its bytes in a file; it takes over the buffer.
 *
 * @param at the tensor's place, for errors
 */
export function decodeTensor(at: string, { dtype, shape }: HeaderEntry, buffer: ArrayBuffer): HostTensor {
  switch (dtype) {
    case 'F64':
      return { dtype, shape, data: new Float64Array(buffer) };
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'F16':
      return { dtype: 'F32', shape, data: widenHalf(new Uint16Array(buffer)) };
    case 'BF16':
      return { dtype: 'F32', shape, data: widenBfloat(new Uint16Array(buffer)) };
    case 'I64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'U8':
      return { dtype, shape, data: new Uint8Array(buffer) };
    case 'BOOL':
      checkTruthValues(at, new Uint8Array(buffer));
      return { dtype, shape, data: new Uint8Array(buffer) };
  }
}

const arrays: Readonly<Record<HostTensor['dtype'], new (length: number) => HostTensor['data']>> = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** Metadata must be text, because other readers refuse anything else. */
function checkMetadata(metadata: unknown): void {
  const isRecord = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  const wrong = isRecord && Object.entries(metadata).find(([, value]) => typeof value !== 'string');
  if (isRecord && !wrong) return;
  throw new DataError({
    where: 'writeSafetensors',
    argument: wrong ? `options.metadata, at "${wrong[0]}"` : 'options.metadata',
    expected: 'text by name',
    received: wrong ? `a value of type ${typeof wrong[1]}` : Array.isArray(metadata) ? 'an array' : `${metadata}`,
  });
}

function checkTensor(name: string, { dtype, shape, data }: HostTensor): void {
  const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  const size = isShape ? shape.reduce((product, length) => product * length, 1) : Number.NaN;
  const fits = Object.hasOwn(arrays, dtype) && data instanceof arrays[dtype] && data.length === size;
  if (fits && name !== '__metadata__') return;
  throw new DataError({
    where: 'writeSafetensors',
    argument: `tensors, at "${name}"`,
    expected: name === '__metadata__' ? 'named differently' : `${size} numbers of ${dtype} for the shape [${shape}]`,
    received: ArrayBuffer.isView(data) ? `${data.constructor.name} of ${data.length}` : typeof data,
  });
}

function checkTruthValues(at: string, values: Uint8Array): void {
  const bad = values.findIndex((value) => value > 1);
  if (bad < 0) return;
  throw new DataError({
    where: 'readSafetensors',
    argument: at,
    expected: 'made of 0 and 1, because its type is BOOL',
    received: `${values[bad]} at ${bad}`,
  });
}
