import { DataError } from './errors.ts';

/** The number formats of files, by their names there. */
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

/** Where a tensor stands in the data of a file. */
export interface HeaderEntry {
  readonly dtype: Format;
  readonly shape: readonly number[];
  /** Bytes from the start of the data, `end` exclusive. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** By name, in the order of the data. */
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** As much as the reference implementation takes. */
const maxHeaderLength = 100_000_000;

/**
 * Reads the length of the header from the first 8 bytes of a file.
 *
 * @throws DataError if it is more than the file has, or absurd
 */
export function readHeaderLength(start: Uint8Array, fileLength: number): number {
  if (start.byteLength < 8) throw refusal('at least 8 bytes long', `${start.byteLength} bytes`);
  const view = new DataView(start.buffer, start.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const available = Math.min(fileLength - 8, maxHeaderLength);
  if (length <= available) return length;
  throw refusal(`a file with a header of at most ${available} bytes`, `the length ${length}`);
}

/**
 * Reads a header and holds it against the length of the data.
 *
 * @throws DataError unless it is JSON without a name that stands twice, and the tensors, each as long as its shape and
 *   type say, fill the data without gap or overlap
 */
export function parseHeader(bytes: Uint8Array, dataLength: number): Header {
  const { __metadata__: metadata = {}, ...tensors } = parseJson(bytes);
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw refusal('a file whose __metadata__ maps names to strings', JSON.stringify(metadata));
  }
  const entries = Object.entries(tensors).map(([name, value]) => [name, parseEntry(name, value)] as const);
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const [name, entry] of entries) {
    if (entry.begin !== end)
      throw refusal(`a file whose "${name}" begins at byte ${end} of the data`, `${entry.begin}`);
    end = entry.end;
  }
  if (end !== dataLength) throw refusal(`a file with ${end} bytes of data, as its header says`, `${dataLength}`);
  return { entries: new Map(entries), metadata: metadata as Record<string, string> };
}

/** The first part of a file: length and header, padded with spaces so that the data begins at a multiple of 8. */
export function encodeHeader(
  tensors: Iterable<{ name: string; dtype: Format; shape: readonly number[]; byteLength: number }>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const names = Object.keys(metadata).sort();
  // Pairs, not an object: an object would put names that are whole numbers first and lose __proto__.
  const parts =
    names.length === 0 ? [] : [pair('__metadata__', Object.fromEntries(names.map((n) => [n, metadata[n]])))];
  let begin = 0;
  for (const { name, dtype, shape, byteLength } of tensors) {
    parts.push(pair(name, { dtype, shape, data_offsets: [begin, begin + byteLength] }));
    begin += byteLength;
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`);
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

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw refusal('a file whose header is JSON in UTF-8', (cause as Error).message, cause);
  }
  if (!text.startsWith('{') || !isRecord(value))
    throw refusal('a file whose header is a JSON object', text.slice(0, 40));
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined) throw refusal('a file whose header has each name once', `"${repeated}" twice`);
  return value;
}

/** The first key that an object of a valid JSON text has twice; JSON.parse would take the last of them. */
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

function parseEntry(name: string, value: unknown): HeaderEntry {
  const { dtype, shape, data_offsets: offsets, ...others } = isRecord(value) ? value : {};
  const wellFormed = isSizes(shape) && isSizes(offsets) && offsets.length === 2 && Object.keys(others).length === 0;
  if (!wellFormed || typeof dtype !== 'string') {
    throw refusal(
      `a file whose "${name}" has a dtype, a shape and two data_offsets`,
      JSON.stringify(value).slice(0, 200),
    );
  }
  if (!Object.hasOwn(formats, dtype)) {
    throw refusal(`a file whose "${name}" has one of the types ${Object.keys(formats).join(', ')}`, dtype);
  }
  const [begin, end] = offsets;
  const length = shape.reduce((product, size) => product * size, formats[dtype as Format].bytes);
  if (end - begin !== length) {
    throw refusal(`a file whose "${name}", ${dtype} [${shape}], takes ${length} bytes`, `offsets ${begin} to ${end}`);
  }
  return { dtype: dtype as Format, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function refusal(expected: string, received: string, cause?: unknown): DataError {
  return new DataError({ where: 'readSafetensors', argument: 'the file', expected, received, cause });
}
