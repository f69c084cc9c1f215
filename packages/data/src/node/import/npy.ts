import { buffer } from 'node:stream/consumers';
import { DataError } from '@ltml/tensor';
import { fromBufferPromise } from 'yauzl';
import { type NumpyArray, numpyArray } from './numpy-array.ts';

const magic = '\x93NUMPY';

/**
 * Reads the array of an `.npy` file.
 *
 * @throws DataError on a file that is not `.npy`, is incomplete, or holds Python objects
 */
export function readNpy(bytes: Uint8Array): NumpyArray {
  const where = 'readNpy';
  const refuse = (expected: string, received: string): DataError =>
    new DataError({ where, argument: 'bytes', expected, received });
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString('latin1', 0, 6) !== magic || file.length < 12) throw refuse('an .npy file', 'another');
  const isShort = file[6] === 1;
  const start = isShort ? 10 : 12;
  const end = start + (isShort ? file.readUInt16LE(8) : file.readUInt32LE(8));
  const header = file.toString('latin1', start, end);
  const [, descr] = /'descr':\s*'([^']*)'/.exec(header) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(header) ?? [];
  const [, sides] = /'shape':\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  if (descr === undefined || order === undefined || sides === undefined || end > file.length) {
    throw refuse('a header with descr, fortran_order and shape', JSON.stringify(header.slice(0, 80)));
  }
  const shape = sides.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
  return numpyArray(shape, descr, order === 'True', bytes.subarray(end));
}

/** Largest unpacked size of a member in bytes, more than any published list. */
const mostBytes = 2 ** 30;

/**
 * Reads the arrays of an `.npz` file, by name.
 *
 * @throws DataError on a file that is not a zip archive, or a member that is not an array or unpacks to more than 1 GiB
 */
export async function readNpz(bytes: Uint8Array): Promise<ReadonlyMap<string, NumpyArray>> {
  const refuse = (expected: string, received: string, cause?: unknown): DataError =>
    new DataError({ where: 'readNpz', argument: 'bytes', expected, received, ...(cause !== undefined && { cause }) });
  const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).catch((cause) => {
    throw refuse('a zip file', (cause as Error).message, cause);
  });
  const arrays = new Map<string, NumpyArray>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.uncompressedSize > mostBytes) throw refuse(`members of at most ${mostBytes} bytes`, entry.fileName);
      const member = await buffer(await zip.openReadStreamPromise(entry));
      arrays.set(entry.fileName.replace(/\.npy$/, ''), readNpy(member));
    }
  } catch (cause) {
    throw DataError.is(cause) ? cause : refuse('a complete zip file', (cause as Error).message, cause);
  }
  return arrays;
}
