import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DataError } from '@ltml/tensor';

/** One entry of an `index.json`: a stored call of one function. */
export interface ParityCase {
  /** The folder's name, e.g. `losses`. */
  readonly part: string;
  readonly folder: string;
  /** The function whose values are stored. */
  readonly function: string;
  /** The case's own name, or the file's stem where it has none. */
  readonly name: string;
  /** The file with the values, inside the folder. */
  readonly file: string;
  /** Stored names, which may hold `*`, with the prefix `<case>/` taken off. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What stored names of this case start with: `<case>/`, or nothing. */
  readonly prefix: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** As it stands in the index; see tolerance.ts. */
  readonly tolerance: Readonly<Record<string, unknown>>;
}

/**
 * Reads `DIR/index.json`, in the order of the file.
 *
 * @throws DataError if the folder, the index or a file that the index names is missing, or an entry is broken
 */
export function readIndex(folder: string): ParityCase[] {
  const path = join(folder, 'index.json');
  if (!existsSync(path) || !statSync(path).isFile()) throw broken(path, 'a file', 'nothing there');
  const entries = parseJson(path);
  if (!Array.isArray(entries) || entries.length === 0) throw broken(path, 'a list of cases', 'something else');
  return entries.map((entry: unknown, i) => readEntry(folder, `${path}[${i}]`, entry));
}

/** @throws DataError that names the file */
export function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DataError({
      where: 'parity',
      argument: path,
      expected: 'readable JSON',
      received: (cause as Error).message,
      cause,
    });
  }
}

function readEntry(folder: string, place: string, entry: unknown): ParityCase {
  if (!isRecord(entry)) throw broken(place, 'an object', JSON.stringify(entry));
  for (const field of ['file', 'function']) {
    if (typeof entry[field] !== 'string') throw broken(`${place}.${field}`, 'text', JSON.stringify(entry[field]));
  }
  for (const field of ['inputs', 'outputs']) {
    const names = entry[field];
    if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
      throw broken(`${place}.${field}`, 'a list of names', JSON.stringify(names));
    }
  }
  for (const field of ['params', 'tolerance']) {
    const value = entry[field] ?? {};
    if (!isRecord(value)) throw broken(`${place}.${field}`, 'an object', JSON.stringify(value));
  }
  const file = entry.file as string;
  if (!existsSync(join(folder, file))) throw broken(`${place}.file`, `a file in ${folder}`, `the missing ${file}`);
  const inputs = entry.inputs as string[];
  const outputs = entry.outputs as string[];
  const name = typeof entry.case === 'string' ? entry.case : basename(file).replace(/\.[^.]+$/, '');
  // Many cases of one file are told apart by the prefix of all their names.
  const prefixed = inputs.length + outputs.length > 0 && [...inputs, ...outputs].every((n) => n.startsWith(`${name}/`));
  const prefix = prefixed ? `${name}/` : '';
  return {
    part: basename(resolve(folder)),
    folder,
    function: entry.function as string,
    name,
    file,
    prefix,
    inputs: inputs.map((stored) => stored.slice(prefix.length)),
    outputs: outputs.map((stored) => stored.slice(prefix.length)),
    params: (entry.params ?? {}) as Record<string, unknown>,
    tolerance: (entry.tolerance ?? {}) as Record<string, unknown>,
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(argument: string, expected: string, received: string): DataError {
  return new DataError({ where: 'parity', argument, expected, received });
}
