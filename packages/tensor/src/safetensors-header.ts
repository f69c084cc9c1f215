import { DataError } from './errors.ts';
import { parseJson } from './json.ts';

/** The number formats, by their names in files. */
export const formats = {
  F64: { bytes: 8 },
  I64: { bytes: 8 },
  F32: { bytes: 4 },
  I32: { bytes: 4 },
  F16: { bytes: 2 },
  BF16: { bytes: 2 },
  U8: { bytes: 1 },
  BOOL: { bytes: 1 },
} as const;

export type Format = keyof typeof formats;

/** The position of a tensor in the data of a file. */
export interface HeaderEntry {
  readonly dtype: Format;
  readonly shape: readonly number[];
  /** Bytes from the start of the data, `end` exclusive. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** Entries by name, in the order of the data. */
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longest header in bytes; the reference implementation has the same limit. */
const maxHeaderLength = 100_000_000;

/**
 * Reads the length of the header from the first 8 bytes of a file.
 *
 * @param file name of the file in errors
 * @throws DataError if the length exceeds the file, or is absurd
 */
export function readHeaderLength(start: Uint8Array, fileLength: number, file: string = theFile): number {
  if (start.byteLength < 8) throw refusal(file, 'at least 8 bytes long', `${start.byteLength} bytes`);
  const view = new DataView(start.buffer, start.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const available = Math.min(fileLength - 8, maxHeaderLength);
  if (length <= available) return length;
  const received = isText(start) ? `${kindOfText(start)}, not safetensors` : `the length ${length}`;
  throw refusal(file, `a file with a header of at most ${available} bytes`, received);
}

function isText(start: Uint8Array): boolean {
  return start.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13));
}

/** Describes a text file that stands where weights were not downloaded. */
function kindOfText(start: Uint8Array): string {
  const text = new TextDecoder().decode(start.subarray(0, 8));
  if (text === 'version ') return 'a text file, a Git LFS pointer (`git lfs pull` fetches what it points to)';
  if (text.trimStart().startsWith('<')) return 'a text file, a web page';
  return `a text file that begins with ${JSON.stringify(text)} (a Git LFS pointer?)`;
}

/**
 * Reads a header and compares it with the length of the data.
 *
 * @param file name of the file in errors
 * @throws DataError unless the header is JSON with unique names, and the tensors, each as long as its shape and type
 *   say, fill the data without gap or overlap
 */
export function parseHeader(bytes: Uint8Array, dataLength: number, file: string = theFile): Header {
  const refuse = (expected: string, received: string): never => {
    throw refusal(file, expected, received);
  };
  const { __metadata__: metadata = {}, ...tensors } = parseObject(bytes, file);
  if (!isRecord(metadata)) refuse('a file whose __metadata__ maps names to strings', shown(metadata));
  for (const [name, value] of Object.entries(metadata as object)) {
    if (typeof value !== 'string')
      refuse('a file whose __metadata__ maps names to strings', `"${name}": ${shown(value)}`);
  }
  const entries = Object.entries(tensors).map(([name, value]) => [name, parseEntry(name, value, refuse)] as const);
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const [name, entry] of entries) {
    if (entry.begin !== end) refuse(`a file whose "${name}" begins at byte ${end} of the data`, `${entry.begin}`);
    end = entry.end;
  }
  if (end !== dataLength) refuse(`a file with ${end} bytes of data, as its header says`, `${dataLength}`);
  return { entries: new Map(entries), metadata: metadata as Record<string, string> };
}

/**
 * The first part of a file: the length and the header, padded with spaces so that the data start at a multiple of 8.
 */
export function encodeHeader(
  tensors: Iterable<{ name: string; dtype: Format; shape: readonly number[]; byteLength: number }>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const names = Object.keys(metadata).sort();
  // Pairs instead of an object: an object would put integer names first and lose __proto__.
  const parts =
    names.length === 0 ? [] : [pair('__metadata__', Object.fromEntries(names.map((n) => [n, metadata[n]])))];
  let begin = 0;
  for (const { name, dtype, shape, byteLength } of tensors) {
    parts.push(pair(name, { dtype, shape, data_offsets: [begin, begin + byteLength] }));
    begin += byteLength;
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`);
  if (json.length > maxHeaderLength - 8) {
    const expected = `few and short enough for a header of ${maxHeaderLength} bytes`;
    throw new DataError({
      where: 'writeSafetensors',
      argument: 'names and metadata',
      expected,
      received: `${json.length} bytes`,
    });
  }
  const bytes = new Uint8Array(Math.ceil((8 + json.length) / 8) * 8).fill(0x20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 8, true);
  view.setUint32(4, 0, true);
  bytes.set(json, 8);
  return bytes;
}

function pair(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

/** A name, a type and two lists need a depth of at most three. */
const deepest = 8;

function parseObject(bytes: Uint8Array, file: string): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refusal(file, 'a file whose header is JSON in UTF-8', (cause as Error).message, cause);
  }
  const value = parseJson(where, `${file}, header`, text, { deepest });
  if (!text.startsWith('{') || !isRecord(value))
    throw refusal(file, 'a file whose header is a JSON object', text.slice(0, 40));
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined) throw refusal(file, 'a file whose header has each name once', `"${repeated}" twice`);
  return value;
}

/**
 * The first key that occurs twice in an object of a valid JSON text. JSON.parse would use the last value without an
 * error.
 */
function findRepeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') open.push(new Set());
    else if (json[i] === '}') open.pop();
    else if (json[i] === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      const end = i + 1;
      while (/\s/.test(json[i + 1])) i++;
      if (json[i + 1] !== ':') continue;
      const key = JSON.parse(json.slice(start, end)) as string;
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

function parseEntry(name: string, value: unknown, refuse: (expected: string, received: string) => never): HeaderEntry {
  const { dtype, shape, data_offsets: offsets, ...others } = isRecord(value) ? value : {};
  const wellFormed = isSizes(shape) && isSizes(offsets) && offsets.length === 2 && Object.keys(others).length === 0;
  if (!wellFormed || typeof dtype !== 'string') {
    return refuse(
      `a file whose "${name}" has a dtype, a shape and two data_offsets`,
      JSON.stringify(value).slice(0, 200),
    );
  }
  if (!Object.hasOwn(formats, dtype)) {
    refuse(`a file whose "${name}" has one of the types ${Object.keys(formats).join(', ')}`, dtype);
  }
  const [begin, end] = offsets;
  const length = shape.reduce((product, size) => product * size, formats[dtype as Format].bytes);
  if (end - begin !== length) {
    refuse(`a file whose "${name}", ${dtype} [${shape}], takes ${length} bytes`, `offsets ${begin} to ${end}`);
  }
  return { dtype: dtype as Format, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** A value as an error shows it. */
function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}

const where = 'readSafetensors';
const theFile = 'the file';

function refusal(argument: string, expected: string, received: string, cause?: unknown): DataError {
  return new DataError({ where, argument, expected, received, cause });
}
