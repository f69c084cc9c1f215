import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DataError } from '@ltml/tensor';

/** One entry of an `index.json`: the stored call of a function. */
export interface ParityCase {
  /** Name of the folder, for example `losses`. */
  readonly part: string;
  readonly folder: string;
  /** The function whose values are stored. */
  readonly function: string;
  /** Name of the case. Default: the name of the file without its ending. */
  readonly name: string;
  /** File with the values, inside the folder. */
  readonly file: string;
  /** Stored names without the prefix `<case>/`. They can contain `*`. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Prefix of the stored names of this case: `<case>/`, or empty. */
  readonly prefix: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The tolerance as in the index; see tolerance.ts. */
  readonly tolerance: Readonly<Record<string, unknown>>;
}

/**
 * Reads the cases of `DIR/index.json`, in the order of the file.
 *
 * @throws DataError if the folder, the index or a file named in the index is missing, and for an invalid entry
 */
export function readIndex(folder: string): ParityCase[] {
  const path = join(folder, 'index.json');
  if (!existsSync(path) || !statSync(path).isFile()) throw broken(path, 'a file', 'nothing there');
  const entries = parseJson(path);
  if (!Array.isArray(entries) || entries.length === 0) throw broken(path, 'a list of cases', 'something else');
  return entries.map((entry: unknown, i) => readEntry(folder, `${path}[${i}]`, entry));
}

/** Reads a JSON file. @throws DataError that names the file */
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
  // A file can hold several cases. Then all names of a case have its name as a prefix.
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
