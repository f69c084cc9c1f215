import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, type HostTensor, readSafetensors } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityInputs } from '../../../packages/tensor/parity/adapter.ts';
import { isRecord, type ParityCase, parseJson } from './index-file.ts';

/** A tensor of a safetensors file, or a value of a JSON file. */
export type StoredValue = { readonly tensor: HostTensor } | { readonly json: JsonValue };

/** The stored values of one case, by name without the prefix of the case. */
export interface StoredValues {
  readonly names: readonly string[];
  /** @throws DataError that lists the stored names */
  get(name: string): StoredValue;
  /** The stored names that match a pattern with `*`. @throws DataError if there are none */
  match(pattern: string): string[];
}

type File = ReadonlyMap<string, StoredValue>;

/** The files read so far. The cases of an index share them. */
export type FileCache = Map<string, File>;

/** Reads the file of a case, and the files named in its inputs. */
export function readStored(parityCase: ParityCase, cache: FileCache): StoredValues {
  const extra = parityCase.inputs.filter((name) => /\.(safetensors|json)$/.test(name));
  const values = new Map<string, StoredValue>();
  for (const [name, value] of readFile(join(parityCase.folder, parityCase.file), cache)) {
    if (name.startsWith(parityCase.prefix)) values.set(name.slice(parityCase.prefix.length), value);
  }
  for (const file of extra) {
    for (const [name, value] of readFile(join(parityCase.folder, file), cache)) {
      if (name !== '' && !values.has(name)) values.set(name, value);
    }
  }
  const names = [...values.keys()].filter((name) => name !== '');
  const missing = (name: string): DataError =>
    new DataError({
      where: `parity ${parityCase.part}/${parityCase.name}`,
      argument: 'name',
      expected: `one of ${names.join(', ')}`,
      received: `"${name}"`,
    });
  return {
    names,
    get(name) {
      const value = values.get(name) ?? followPath(values.get(''), name);
      if (!value) throw missing(name);
      return value;
    },
    match(pattern) {
      if (!pattern.includes('*')) return [pattern];
      const matched = names.filter((name) => wildcard(pattern).test(name));
      if (matched.length === 0) throw missing(pattern);
      return matched;
    },
  };
}

/** A regular expression for a pattern in which `*` stands for any text. */
export function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').map(escapeText).join('.*')}$`);
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The inputs of a case for its adapter. */
export function asInputs(parityCase: ParityCase, stored: StoredValues): ParityInputs {
  const host = (name: string): HostTensor => {
    const value = stored.get(name);
    if ('tensor' in value) return value.tensor;
    const shape = shapeOf(value.json);
    const data = shape && flatNumbers(value.json);
    if (data) return { dtype: 'F64', shape, data: Float64Array.from(data) };
    throw new DataError({
      where: `parity ${parityCase.part}/${parityCase.name}`,
      argument: name,
      expected: 'numbers in a regular array',
      received: JSON.stringify(value.json).slice(0, 80),
    });
  };
  return {
    params: parityCase.params,
    part: parityCase.part,
    folder: parityCase.folder,
    names: stored.names,
    has: (name) => stored.names.includes(name),
    host,
    tensor: (name) => toTensor(host(name)),
    numbers: (name) => toNumbers(host(name)),
    json(name) {
      const value = stored.get(name);
      return 'json' in value ? value.json : toNumbers(value.tensor);
    },
  };
}

/** Plain values as numbers. 64-bit integers must fit a double. */
export function toNumbers(tensor: HostTensor): number[] {
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** The shape of nested arrays of numbers; null if they are ragged or contain other values. A number has shape []. */
export function shapeOf(value: JsonValue): number[] | null {
  if (asNumber(value) !== null) return [];
  if (!Array.isArray(value)) return null;
  if (value.length === 0) return [0];
  const shapes = value.map(shapeOf);
  const first = shapes[0];
  if (!first || shapes.some((shape) => shape?.join() !== first.join())) return null;
  return [value.length, ...first];
}

/** A JSON value as a number, or null. JSON has no NaN and no infinity, so these are stored as text. */
function asNumber(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : null;
}

/** The numbers of nested arrays, row-major. */
export function flatNumbers(value: JsonValue): number[] {
  return Array.isArray(value) ? value.flatMap(flatNumbers) : [asNumber(value) ?? Number.NaN];
}

function toTensor({ dtype, shape, data }: HostTensor): tf.Tensor {
  const whole = dtype !== 'F32' && dtype !== 'F64';
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  return tf.tensor(values, [...shape], whole ? 'int32' : 'float32');
}

function followPath(whole: StoredValue | undefined, path: string): StoredValue | undefined {
  if (!whole || !('json' in whole)) return undefined;
  let value: JsonValue | undefined = whole.json;
  for (const key of path.split('/')) {
    const inside: Readonly<Record<string, JsonValue>> = isRecord(value) || Array.isArray(value) ? (value as never) : {};
    value = inside[key];
  }
  return value === undefined ? undefined : { json: value };
}

function readFile(path: string, cache: FileCache): File {
  let file = cache.get(path);
  if (!file) {
    file = path.endsWith('.safetensors') ? readTensors(path) : readValues(parseJson(path) as JsonValue);
    cache.set(path, file);
  }
  return file;
}

function readTensors(path: string): File {
  const { tensors } = readSafetensors(readFileSync(path));
  return new Map([...tensors].map(([name, tensor]) => [name, { tensor }]));
}

function readValues(document: JsonValue): File {
  const values = new Map<string, StoredValue>([['', { json: document }]]);
  if (Array.isArray(document)) {
    const rows = document.filter(isRecord) as Record<string, JsonValue>[];
    if (rows.length < document.length) return values;
    for (const column of new Set(rows.flatMap(Object.keys))) {
      values.set(column, { json: rows.map((row) => row[column] ?? null) });
    }
  } else if (isRecord(document)) {
    // `_inputs` only lists which names are inputs.
    for (const [name, json] of Object.entries(document)) if (name !== '_inputs') values.set(name, { json });
  }
  return values;
}
