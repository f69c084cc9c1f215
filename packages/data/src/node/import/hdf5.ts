import { open } from 'node:fs/promises';
import { DataError, NotSupportedError } from '@ltml/tensor';
import type { Dataset, File } from 'h5wasm/node';
import { type NumpyArray, wholeNumber } from './numpy-array.ts';

/** The type codes of numbers and strings in the HDF5 library. */
const [wholeNumbers, fractions, texts] = [0, 1, 3];

/**
 * Reads an array from an HDF5 file (`.h5`, `.hdf5`) with `h5wasm`, which you install beside this package.
 *
 * It is meant for lists and labels, because each number becomes a JavaScript number. Convert features of millions of
 * images to `.npy` with h5py and NumPy instead.
 *
 * @param path of the file
 * @param name of the array, e.g. `labels` or `train/names`; default the only array of the file
 * @throws DataError on a file that is not HDF5, an array that does not exist, or one that holds neither numbers nor
 *   strings; NotSupportedError without h5wasm
 */
export async function readHdf5(path: string, name?: string): Promise<NumpyArray> {
  const { Dataset, File } = await importH5wasm();
  const refuse = (expected: string, received: string): DataError =>
    new DataError({ where: 'readHdf5', argument: path, expected, received });
  let file: File | undefined;
  try {
    const opened = new File(path, 'r');
    file = opened;
    // Includes the arrays of groups.
    const entries = opened.paths().map((at) => [at, opened.get(at)] as const);
    const arrays = new Map(entries.flatMap(([at, entry]) => (entry instanceof Dataset ? [[at, entry] as const] : [])));
    const known = [...arrays.keys()].join(', ') || 'none';
    const wanted = name ?? (arrays.size === 1 ? [...arrays.keys()][0] : undefined);
    if (wanted === undefined) throw refuse('one array, or the name of one', known);
    const array = arrays.get(wanted);
    if (!array) throw refuse(`an array ${wanted}`, known);
    return arrayOf(array, (received) => refuse(`numbers or texts in ${wanted}`, received));
  } catch (error) {
    if (DataError.is(error)) throw error;
    throw refuse(
      'an HDF5 file that can be read',
      (await isHdf5(path)) ? 'an incomplete or broken one' : 'another, or none',
    );
  } finally {
    file?.close();
  }
}

/** The first bytes of an HDF5 file. */
const signature = '\x89HDF\r\n\x1a\n';

async function isHdf5(path: string): Promise<boolean> {
  const handle = await open(path).catch(() => undefined);
  try {
    const { buffer } = (await handle?.read(Buffer.alloc(signature.length), 0, signature.length, 0)) ?? {};
    return buffer?.toString('latin1') === signature;
  } finally {
    await handle?.close();
  }
}

function arrayOf(dataset: Dataset, refuse: (received: string) => DataError): NumpyArray {
  const { type, size, signed, vlen, shape } = dataset.metadata;
  const { value } = dataset;
  const sides = shape ?? [];
  const flat = sides.length === 0 ? [value] : Array.from(value as ArrayLike<unknown>);
  if (type === texts) return { shape: sides, dtype: vlen ? 'O' : `S${size}`, values: flat };
  if (type === fractions) return { shape: sides, dtype: `f${size}`, values: flat };
  if (type !== wholeNumbers) throw refuse(String(dataset.dtype));
  const values = flat.map((entry) => (typeof entry === 'bigint' ? wholeNumber(entry) : entry));
  return { shape: sides, dtype: `${signed ? 'i' : 'u'}${size}`, values };
}

async function importH5wasm(): Promise<typeof import('h5wasm/node')> {
  try {
    const module = await import('h5wasm/node');
    const { activate_throwing_error_handler: throwErrors } = await module.ready;
    // Otherwise the library prints errors.
    throwErrors();
    return module;
  } catch (cause) {
    throw new NotSupportedError({
      where: 'readHdf5',
      argument: 'h5wasm',
      expected: 'installed',
      received: 'nothing that can be imported',
      hint: 'npm install h5wasm',
      cause,
    });
  }
}
