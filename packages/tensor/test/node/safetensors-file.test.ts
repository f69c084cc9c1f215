import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, type HostTensor, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { SafetensorsFile, writeFileAtomically, writeSafetensorsFile } from '@ltml/tensor/node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ltml-safetensors-'));
  path = join(folder, 'state.safetensors');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const tensors = new Map<string, HostTensor>([
  ['weight', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ['count', { dtype: 'I64', shape: [], data: BigInt64Array.of(5n) }],
]);

/** What all open files have in common, to be spied on. */
async function filePrototype(): Promise<Awaited<ReturnType<typeof open>>> {
  const file = await open(join(folder, 'any'), 'w');
  await file.close();
  await rm(join(folder, 'any'));
  return Object.getPrototypeOf(file);
}

test('the file on disk is the one made in memory', async () => {
  await writeSafetensorsFile(path, tensors, { metadata: { step: '3' } });
  expect(new Uint8Array(await readFile(path))).toEqual(writeSafetensors(tensors, { metadata: { step: '3' } }));
  expect(await readdir(folder)).toEqual(['state.safetensors']);
});

test('tensors are read one by one', async () => {
  await writeSafetensorsFile(path, tensors, { metadata: { step: '3' } });
  const file = await SafetensorsFile.open(path);
  expect(file.names).toEqual(['count', 'weight']);
  expect(file.metadata).toEqual({ step: '3' });
  expect(file.shape('weight')).toEqual([2, 2]);
  expect(await file.read('weight')).toEqual(tensors.get('weight'));
  expect(await file.read('count')).toEqual(tensors.get('count'));
  await expect(file.read('wieght')).rejects.toThrow(/name should be one of the 2 in .*: count, weight, got "wieght"/);
  await file.close();
});

test('rows of a tensor are read without the others', async () => {
  const half = new Map<string, HostTensor>([
    ['rows', { dtype: 'F32', shape: [4, 1, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) }],
    ['before', { dtype: 'I32', shape: [3], data: Int32Array.of(7, 8, 9) }],
  ]);
  await writeSafetensorsFile(path, half, { float32As: 'F16' });
  const file = await SafetensorsFile.open(path);
  expect(await file.readRows('rows', 1, 2)).toEqual({
    dtype: 'F32',
    shape: [2, 1, 2],
    data: Float32Array.of(2, 3, 4, 5),
  });
  expect(await file.readRows('before', 2, 1)).toEqual({ dtype: 'I32', shape: [1], data: Int32Array.of(9) });
  expect(await file.readRows('rows', 4, 0)).toEqual({ dtype: 'F32', shape: [0, 1, 2], data: new Float32Array(0) });
  await expect(file.readRows('rows', 5, 0)).rejects.toThrow(/first should be a whole number.* 4/);
  await expect(file.readRows('rows', 3, 2)).rejects.toThrow(/count should be a whole number.* 1/);
  await file.close();
});

test('of a file of 6 GiB only the header and the tensor asked for are read', async () => {
  const [large, small] = [6 * 2 ** 30, 8];
  const header = {
    large: { dtype: 'U8', shape: [6, 2 ** 30], data_offsets: [0, large] },
    small: { dtype: 'F32', shape: [2], data_offsets: [large, large + small] },
  };
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  await writeFile(path, Buffer.concat([start, json]));
  // A hole takes no room on the disk.
  await truncate(path, 8 + json.length + large);
  await writeFile(path, new Uint8Array(Float32Array.of(1, -2).buffer), { flag: 'a' });
  const read = vi.spyOn(await filePrototype(), 'read');
  const file = await SafetensorsFile.open(path);
  expect((await file.read('small')).data).toEqual(Float32Array.of(1, -2));
  await file.close();
  const results = await Promise.all(read.mock.results.map(({ value }) => value as Promise<{ bytesRead: number }>));
  expect(results.reduce((sum, { bytesRead }) => sum + bytesRead, 0)).toBe(8 + json.length + small);
});

test('a broken file is refused and not kept open', async () => {
  const openFiles = async () => (await readdir('/dev/fd')).length;
  const before = await openFiles();
  await writeFile(path, 'short');
  await expect(SafetensorsFile.open(path)).rejects.toThrow(DataError);
  await writeFile(path, writeSafetensors(tensors).subarray(0, -1));
  await expect(SafetensorsFile.open(path)).rejects.toThrow(/24 bytes of data, as its header says, got 23/);
  expect(await openFiles()).toBe(before);
});

test('a file that is cut off while it is open is noticed', async () => {
  await writeSafetensorsFile(path, tensors);
  const file = await SafetensorsFile.open(path);
  await truncate(path, 100);
  await expect(file.read('weight')).rejects.toThrow(/as long as when it was opened/);
  await file.close();
});

describe('a write that fails leaves the previous file as it was, and nothing else', () => {
  const diskFull = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

  test('on a full disk, at the first byte and later', async () => {
    await writeSafetensorsFile(path, tensors, { metadata: { step: '1' } });
    const prototype = await filePrototype();
    for (const goodWrites of [0, 1, 2]) {
      const append = prototype.appendFile;
      let writes = 0;
      vi.spyOn(prototype, 'appendFile').mockImplementation(function (this: typeof prototype, ...args) {
        return writes++ < goodWrites ? append.apply(this, args) : Promise.reject(diskFull);
      });
      await expect(writeSafetensorsFile(path, tensors, { metadata: { step: '2' } })).rejects.toThrow(/ENOSPC/);
      expect(writes).toBe(goodWrites + 1);
      vi.restoreAllMocks();
      expect(readSafetensors(await readFile(path)).metadata).toEqual({ step: '1' });
      expect(await readdir(folder)).toEqual(['state.safetensors']);
    }
  });

  test('when the disk is found full only at the end', async () => {
    await writeSafetensorsFile(path, tensors, { metadata: { step: '1' } });
    vi.spyOn(await filePrototype(), 'sync').mockRejectedValue(diskFull);
    await expect(writeSafetensorsFile(path, tensors)).rejects.toThrow(/ENOSPC/);
    expect(readSafetensors(await readFile(path)).metadata).toEqual({ step: '1' });
    expect(await readdir(folder)).toEqual(['state.safetensors']);
  });

  test('when a tensor turns out not to be writable', async () => {
    await writeSafetensorsFile(path, tensors);
    const bad = new Map(tensors).set('big', { dtype: 'F32', shape: [1], data: Float32Array.of(1e30) });
    await expect(writeSafetensorsFile(path, bad, { float32As: 'F16' })).rejects.toThrow(DataError);
    expect(readSafetensors(await readFile(path)).tensors.size).toBe(2);
    expect(await readdir(folder)).toEqual(['state.safetensors']);
  });

  test('when what is to be written throws', async () => {
    await writeFile(path, 'before');
    const chunks = async function* () {
      yield 'after';
      throw new Error('no more');
    };
    await expect(writeFileAtomically(path, chunks())).rejects.toThrow('no more');
    expect(await readFile(path, 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['state.safetensors']);
  });
});

test('a folder that is missing is an error', async () => {
  await expect(writeFileAtomically(join(folder, 'none', 'x'), ['x'])).rejects.toThrow(/ENOENT/);
});

test.each([
  ['is not there', undefined],
  ['is empty', new Uint8Array(0)],
  ['is cut off', writeSafetensors(tensors).slice(0, 40)],
  ['lacks data', writeSafetensors(tensors).slice(0, -4)],
  ['is a text', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n')],
])('a file that %s is refused by its path', async (_, bytes) => {
  if (bytes) await writeFile(path, bytes);
  const refused = await SafetensorsFile.open(path).catch((error: unknown) => error);
  expect(refused).toSatisfy(DataError.is);
  expect(String(refused)).toContain(path);
});

test('a folder is refused by its path, and so is a truth value of 2', async () => {
  const refused = await SafetensorsFile.open(folder).catch((error: unknown) => error);
  expect(refused).toSatisfy(DataError.is);
  expect(String(refused)).toContain(folder);
  const bytes = writeSafetensors(new Map([['b', { dtype: 'BOOL', shape: [1], data: Uint8Array.of(1) }]]));
  bytes[bytes.length - 1] = 2;
  await writeFile(path, bytes);
  const file = await SafetensorsFile.open(path);
  await expect(file.read('b')).rejects.toThrow(`${path}, at "b" should be made of 0 and 1`);
  await file.close();
});

test('a tensor larger than memory is refused by its path, not by the engine', async () => {
  const length = 2 ** 44;
  const header = new TextEncoder().encode(`{"a":{"dtype":"U8","shape":[${length}],"data_offsets":[0,${length}]}}`);
  const start = new Uint8Array(8 + header.length);
  new DataView(start.buffer).setBigUint64(0, BigInt(header.length), true);
  start.set(header, 8);
  await writeFile(path, start);
  const isSparse = await truncate(path, start.length + length).then(
    () => true,
    () => false,
  );
  // Not every file system has files of 16 TB, even of holes.
  if (!isSparse) return;
  const file = await SafetensorsFile.open(path);
  await expect(file.read('a')).rejects.toThrow(/state\.safetensors should be made of tensors that fit into memory/);
  await file.close();
});
