import { type FileHandle, open } from 'node:fs/promises';
import { checkCount } from '../check-options.ts';
import { DataError } from '../errors.ts';
import { decodeTensor, encodeSafetensors, type HostTensor, type WriteSafetensorsOptions } from '../safetensors.ts';
import { type Header, type HeaderEntry, parseHeader, readHeaderLength } from '../safetensors-header.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { whyUnreadable } from './why-unreadable.ts';

/**
 * A safetensors file on disk whose tensors are read one by one. It needs memory for the header and the requested tensor
 * only, however large the file is.
 */
export class SafetensorsFile {
  /** The path of the file. */
  readonly path: string;
  readonly #file: FileHandle;
  readonly #header: Header;
  readonly #dataStart: number;

  private constructor(path: string, file: FileHandle, header: Header, dataStart: number) {
    this.path = path;
    this.#file = file;
    this.#header = header;
    this.#dataStart = dataStart;
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws DataError, with the path, as `readSafetensors` does, and if the file can't be read
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await open(path, 'r').catch((cause: Error) => {
      throw unreadable(path, cause);
    });
    try {
      const { size } = await file.stat();
      const dataStart = 8 + readHeaderLength(await readBytes(file, path, 0, Math.min(size, 8)), size, path);
      const header = parseHeader(await readBytes(file, path, 8, dataStart - 8), size - dataStart, path);
      return new SafetensorsFile(path, file, header, dataStart);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The names of the tensors, in the order of the data. */
  get names(): string[] {
    return [...this.#header.entries.keys()];
  }

  /** Free text, by key. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#header.metadata;
  }

  /** The shape of a tensor; does not read the tensor. */
  shape(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  /** The number format of a tensor in the file, e.g. `F16`. */
  format(name: string): string {
    return this.#entry(name).dtype;
  }

  /** Reads one tensor. @throws DataError for a name that the file does not have */
  async read(name: string): Promise<HostTensor> {
    const entry = this.#entry(name);
    const bytes = await readBytes(this.#file, this.path, this.#dataStart + entry.begin, entry.end - entry.begin);
    return decodeTensor(`${this.path}, at "${name}"`, entry, bytes.buffer);
  }

  /**
   * Reads some rows of a tensor along its first axis. It needs memory for these rows only.
   *
   * @throws DataError for a name that the file does not have; OptionError for rows outside the tensor
   */
  async readRows(name: string, first: number, count: number): Promise<HostTensor> {
    const { dtype, shape, begin, end } = this.#entry(name);
    const [rows = 0] = shape;
    checkCount('SafetensorsFile', 'first', first, { min: 0, max: rows });
    checkCount('SafetensorsFile', 'count', count, { min: 0, max: rows - first });
    const rowLength = rows === 0 ? 0 : (end - begin) / rows;
    const bytes = await readBytes(
      this.#file,
      this.path,
      this.#dataStart + begin + first * rowLength,
      count * rowLength,
    );
    const entry = { dtype, shape: [count, ...shape.slice(1)], begin: 0, end: bytes.length };
    return decodeTensor(`${this.path}, at "${name}"`, entry, bytes.buffer);
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#file.close();
  }

  #entry(name: string): HeaderEntry {
    const entry = this.#header.entries.get(name);
    if (entry) return entry;
    const { names } = this;
    const some = `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
    throw new DataError({
      where: 'SafetensorsFile',
      argument: 'name',
      expected: `one of the ${names.length} in ${this.path}: ${some}`,
      received: `"${name}"`,
    });
  }
}

/**
 * Writes a safetensors file completely or not at all; see `writeFileAtomically` and `writeSafetensors`.
 */
export function writeSafetensorsFile(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  return writeFileAtomically(path, encodeSafetensors(tensors, options));
}

/** Largest single read in bytes; Node refuses 2 GiB. */
const maxReadLength = 2 ** 30;

async function readBytes(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = room(path, length);
  let done = 0;
  while (done < length) {
    const wanted = Math.min(length - done, maxReadLength);
    const { bytesRead } = await file.read(bytes, done, wanted, position + done).catch((cause: Error) => {
      throw unreadable(path, cause);
    });
    if (bytesRead === 0) {
      throw new DataError({
        where: 'SafetensorsFile',
        argument: path,
        expected: `as long as when it was opened, with a byte ${position + done}`,
        received: 'its end',
      });
    }
    done += bytesRead;
  }
  return bytes;
}

function room(path: string, length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    const expected = 'made of tensors that fit into memory';
    throw new DataError({
      where: 'SafetensorsFile',
      argument: path,
      expected,
      received: `one of ${length} bytes`,
      cause,
    });
  }
}

function unreadable(path: string, cause: Error): DataError {
  const expected = 'a file that can be read';
  return new DataError({ where: 'SafetensorsFile', argument: path, expected, received: whyUnreadable(cause), cause });
}
