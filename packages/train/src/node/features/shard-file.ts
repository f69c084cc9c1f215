import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DataError, type HostTensor, LtmlError, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { SafetensorsFile, writeFileAtomically } from '@ltml/tensor/node';
import type { Shard } from './shards.ts';
import { type FeatureStorage, restoredFeatures, storedTensors } from './storage.ts';
import { type ErrorSums, errorSums } from './storage-error.ts';

/** Facts about a file of a store, which it is checked against. */
export interface ShardParts {
  readonly folder: string;
  readonly shard: Shard;
  /** Shape of the features of one image. */
  readonly shape: readonly number[];
  readonly storage: FeatureStorage;
  /** Hash of everything that the features depend on. */
  readonly hash: string;
}

/**
 * Writes a file of a store. @returns the error of the number format @throws DataError for features that the number
 * format can't store
 */
export async function writeShard(
  { folder, shard, shape, storage, hash }: ShardParts,
  features: Float32Array,
): Promise<ErrorSums> {
  const { file, view, first, rows } = shard;
  const tensors = storedTensors(storage, features, rows, shape);
  const float32As = storage === 'f16' ? 'F16' : 'F32';
  const bad = features.findIndex((value) => !Number.isFinite(value) || (storage === 'f16' && Math.abs(value) > 65_504));
  if (bad >= 0) {
    throw new DataError({
      where: 'writeFeatures',
      argument: `feature of image ${first + Math.floor((bad * rows) / features.length)}`,
      expected: storage === 'f16' ? 'from -65504 to 65504, the range of f16' : 'finite',
      received: String(features[bad]),
      ...(storage === 'f16' && { hint: 'Store them as f32 or int8.' }),
    });
  }
  // Convert as a reader will, bit for bit.
  const stored = readSafetensors(writeSafetensors(tensors, { float32As })).tensors;
  const restored = restoredFeatures(stored);
  const error = errorSums(features, restored);
  tensors.set('checksum', { dtype: 'I32', shape: [rows], data: checksums(restored, rows) });
  const { largest, differences, squares } = error;
  const metadata = {
    format: 'ltml-features',
    hash,
    view: String(view),
    first: String(first),
    error: JSON.stringify({ largest, differences, squares }),
  };
  await writeFileAtomically(join(folder, file), [writeSafetensors(tensors, { float32As, metadata })]);
  return error;
}

/** A file of a store. Images are read one by one, and each is checked against its checksum. */
export class ShardFile {
  readonly #file: SafetensorsFile;
  readonly #checksums: Int32Array;
  /** Levels of int8. */
  readonly #levels: ReadonlyMap<string, HostTensor>;
  readonly error: ErrorSums;

  private constructor(file: SafetensorsFile, checksums: Int32Array, levels: ReadonlyMap<string, HostTensor>) {
    this.#file = file;
    this.#checksums = checksums;
    this.#levels = levels;
    this.error = JSON.parse(file.metadata.error ?? '{}') as ErrorSums;
  }

  /** @throws DataError that names a file that does not exist, is damaged, or belongs to other features */
  static async open({ folder, shard, shape, storage, hash }: ShardParts): Promise<ShardFile> {
    const file = await SafetensorsFile.open(join(folder, shard.file));
    try {
      const { metadata } = file;
      const rows = [shard.rows, ...shape];
      const isSame =
        metadata.hash === hash && metadata.view === String(shard.view) && metadata.first === String(shard.first);
      if (!isSame) throw damaged(file.path, 'a file of these features', 'one of other features');
      if (String(file.shape('features')) !== String(rows))
        throw damaged(file.path, `features [${rows}]`, `[${file.shape('features')}]`);
      const names = storage === 'int8' ? ['lowest', 'scale'] : [];
      const levels = await Promise.all(names.map(async (name) => [name, await file.read(name)] as const));
      const { data } = await file.read('checksum');
      return new ShardFile(file, data as Int32Array, new Map(levels));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Features of consecutive images. @throws DataError that names the file if they are damaged */
  async read(first: number, count: number): Promise<Float32Array> {
    const tensors = new Map([['features', await this.#file.readRows('features', first, count)]]);
    for (const [name, { dtype, data }] of this.#levels) {
      tensors.set(name, { dtype, shape: [count], data: data.subarray(first, first + count) as Float32Array });
    }
    const restored = restoredFeatures(tensors);
    const found = checksums(restored, count);
    const wrong = found.findIndex((sum, row) => sum !== this.#checksums[first + row]);
    if (wrong < 0) return restored;
    throw damaged(this.#file.path, `intact in row ${first + wrong}`, 'other bytes');
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Rows checked at a time. */
const rowsAtOnce = 64;

/** Checks a whole file. @returns the error of its number format, or the reason why it can't be used */
export async function checkShard(parts: ShardParts): Promise<ErrorSums | { readonly reason: string }> {
  try {
    const file = await ShardFile.open(parts);
    try {
      const { rows } = parts.shard;
      for (let first = 0; first < rows; first += rowsAtOnce) await file.read(first, Math.min(rowsAtOnce, rows - first));
      return file.error;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!LtmlError.is(error)) throw error;
    return { reason: error.message };
  }
}

/** CRC-32 of the features of each image, as restored from storage. */
function checksums(features: Float32Array, rows: number): Int32Array {
  const length = features.byteLength / rows;
  const at = (row: number): Uint8Array => new Uint8Array(features.buffer, features.byteOffset + row * length, length);
  return Int32Array.from({ length: rows }, (_, row) => crc32(at(row)));
}

function damaged(path: string, expected: string, received: string): DataError {
  const hint = 'The file is damaged. Encode again: only damaged files are computed.';
  return new DataError({ where: 'features', argument: path, expected, received, hint });
}
