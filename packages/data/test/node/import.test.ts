import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import fc from 'fast-check';
import { File, type Group, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEntries } from '../../src/node/import/list-entries.ts';
import { readHdf5, readNpy, readNpz, readPickle } from '../../src/node/index.ts';
import { SetFolder } from '../../src/node/sets/set-folder.ts';

// Written by pickle, numpy.save and numpy.savez of Python 3.11 and NumPy 2.4.
const stored = JSON.parse(readFileSync(new URL('../fixtures/pickles.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const bytesOf = (name: string): Buffer => Buffer.from(stored[name], 'base64');

describe('readPickle', () => {
  it.each([0, 1, 2, 3, 4, 5])('reads a dictionary of names, protocol %i', (protocol) => {
    const names = ['actor_0001_1.jpg', 'zoo_2.jpg'];
    expect(readPickle(bytesOf(`dict${protocol}`))).toEqual(new Map([['img_names', names]]));
  });

  it.each([0, 2, 4])('reads every kind of data, protocol %i', (protocol) => {
    const numbers = [1, -1, 255, 65536, 2 ** 40, -(2n ** 70n), 1.5, true, false, null];
    const lists = [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [], new Map(), [], new Map([[1, [2]]])];
    expect(readPickle(bytesOf(`mixed${protocol}`))).toEqual([...numbers, 'ä', ...lists, Uint8Array.of(0, 255)]);
  });

  it.each([2, 4])('reads sets, protocol %i', (protocol) => {
    const sets = [
      ['head', new Set([0, 2])],
      ['tail', new Set()],
    ] as const;
    expect(readPickle(bytesOf(`set${protocol}`))).toEqual(new Map(sets));
  });

  it.each([2, 3, 4, 5])('reads arrays of NumPy, protocol %i', (protocol) => {
    const arrays = readPickle(bytesOf(`arrays${protocol}`)) as Map<string, unknown>;
    expect(arrays.get('a')).toMatchObject({ shape: [2], dtype: 'O', values: ['/m/0aa', '/m/0b'] });
    expect(arrays.get('u')).toMatchObject({ shape: [2], dtype: 'U2', values: ['ab', 'c'] });
    expect(arrays.get('f')).toMatchObject({ shape: [2, 3], dtype: 'f4', values: [0, 1, 2, 3, 4, 5] });
    expect(arrays.get('i')).toMatchObject({ shape: [2, 2], dtype: 'i1', values: [1, -1, 0, 1] });
    expect(arrays.get('l')).toMatchObject({ shape: [2], dtype: 'i8', values: [5, 6] });
    expect(arrays.get('b')).toMatchObject({ shape: [2], dtype: 'b1', values: [true, false] });
  });

  it('reads a scalar of NumPy, and a list that holds itself', () => {
    expect(readPickle(bytesOf('scalar'))).toBe(7);
    const list = readPickle(bytesOf('loop')) as unknown[];
    expect(list[1]).toBe(list);
  });

  it('runs nothing: a name that is not data is refused', () => {
    expect(() => readPickle(bytesOf('evil'))).toThrow(DataError);
    expect(() => readPickle(bytesOf('evil'))).toThrow(/posix\.system, which is not run/);
    expect(() => readPickle(Buffer.from('c__builtin__\neval\n.'))).toThrow(/__builtin__\.eval/);
    // What every object has is no name of a call either.
    expect(() => readPickle(Buffer.from('cconstructor\n\n.'))).toThrow(DataError);
    expect(() => readPickle(Buffer.from('i__main__\nA\n.'))).toThrow(/opcode "i", which makes objects/);
  });

  it('refuses whatever else is in a file with a DataError, never with another error', () => {
    const whole = bytesOf('arrays4');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const bytes = isCut ? whole.subarray(0, at) : Buffer.from(whole).fill(byte, at, at + 1);
        try {
          readPickle(bytes);
        } catch (error) {
          expect(DataError.is(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a small file', () => {
  const npy = (descr: string, shape: string, data = ''): Buffer => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }\n`;
    const length = String.fromCharCode(header.length & 255, header.length >> 8);
    return Buffer.from(`\x93NUMPY\x01\x00${length}${header}${data}`, 'latin1');
  };

  it('asks for no more memory or time than it is worth', () => {
    expect(() => readNpy(npy('<U0', '1000000000,'))).toThrow(DataError);
    expect(() => readNpy(npy('|S0', '9007199254740991,'))).toThrow(DataError);
    const long = Buffer.alloc(3_000_000, 1);
    long.write('\x8b', 'latin1');
    long.writeInt32LE(long.length - 6, 1);
    expect(() => readPickle(long)).toThrow('a whole number of at most 100 bytes');
    expect(() => readPickle(Buffer.from(`L${'9'.repeat(3_000_000)}L\n.`))).toThrow(DataError);
  });

  it('reads texts of any length', () => {
    const letters = 'ab'.padEnd(200_000, 'c');
    const data = Array.from(letters, (letter) => `${letter}\0\0\0`).join('');
    expect(readNpy(npy(`<U${letters.length}`, '1,', data)).values).toEqual([letters]);
  });

  it.each([
    ['a set of no list', 'c__builtin__\nset\n(I5\ntR.'],
    ['an array with a state of nothing', 'cnumpy.core.multiarray\n_reconstruct\n(tRNb.'],
  ])('with %s is refused', (_, text) => {
    expect(() => readPickle(Buffer.from(text, 'latin1'))).toThrow(DataError);
  });
});

describe('readNpy and readNpz', () => {
  it.each([
    ['u', [2], ['ab', 'c']],
    ['f', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['i', [2, 2], [1, -1, 0, 1]],
    ['l', [2], [5, 6]],
    ['b', [2], [true, false]],
    ['F', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['big', [3], [0, 1, 2]],
  ])('read the array %s', (name, shape, values) => {
    expect(readNpy(bytesOf(`npy_${name}`))).toMatchObject({ shape, values });
  });

  it('read the arrays of a zip, packed or not', async () => {
    const arrays = await readNpz(bytesOf('npz'));
    expect([arrays.get('a')?.values, arrays.get('b')?.values]).toEqual([
      [0, 1, 2],
      ['x', 'yz'],
    ]);
    expect((await readNpz(bytesOf('npzc'))).get('a')?.values).toEqual([0, 1, 2]);
  });

  it('refuse other files', async () => {
    expect(() => readNpy(Buffer.from('no array at all'))).toThrow(/should be an .npy file/);
    expect(() => readNpy(bytesOf('npy_f').subarray(0, -1))).toThrow(
      /as many bytes as shape \[2, 3\] of <f4 needs, got 23/,
    );
    await expect(readNpz(Buffer.from('no zip'))).rejects.toThrow(/should be a zip file/);
    // Every byte changed that a packed member is made of.
    const packed = bytesOf('npzc');
    for (let at = 30; at < packed.length; at += 3) {
      const bytes = Buffer.from(packed).fill(packed[at] ^ 0x55, at, at + 1);
      await readNpz(bytes).catch((error: unknown) => expect(DataError.is(error), String(error)).toBe(true));
    }
  });
});

describe('readHdf5', () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-hdf5-'));
    await ready;
    const file = new File(path('several.h5'), 'w');
    file.create_dataset({ name: 'labels', data: Int8Array.of(1, -1, 0, 1, 0, 0), shape: [2, 3], dtype: '<b' });
    file.create_dataset({ name: 'large', data: BigInt64Array.of(5n, 2n ** 60n), dtype: '<q' });
    file.create_group('train');
    (file.get('train') as Group).create_dataset({ name: 'features', data: [0.5, 1.5], dtype: '<f' });
    file.create_dataset({ name: 'fixed', data: ['a.jpg', 'b.jpg'], dtype: 'S5' });
    file.close();
    const names = new File(path('names.h5'), 'w');
    names.create_dataset({ name: 'names', data: ['actor_0001_1.jpg', 'zoo_2.jpg'] });
    names.close();
    writeFileSync(path('other.h5'), 'no HDF5');
    writeFileSync(path('cut.h5'), readFileSync(path('several.h5')).subarray(0, 900));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads numbers and texts, of groups too', async () => {
    const read = (name: string) => readHdf5(path('several.h5'), name);
    expect(await read('labels')).toEqual({ shape: [2, 3], dtype: 'i1', values: [1, -1, 0, 1, 0, 0] });
    expect(await read('large')).toEqual({ shape: [2], dtype: 'i8', values: [5, 2n ** 60n] });
    expect(await read('train/features')).toEqual({ shape: [2], dtype: 'f4', values: [0.5, 1.5] });
    expect(await read('fixed')).toMatchObject({ shape: [2], values: ['a.jpg', 'b.jpg'] });
    expect(await readHdf5(path('names.h5'))).toMatchObject({ values: ['actor_0001_1.jpg', 'zoo_2.jpg'] });
  });

  it('names the arrays there are where another is meant, and refuses another file', async () => {
    await expect(readHdf5(path('several.h5'))).rejects.toThrow(
      /one array, or the name of one, got .*labels.*train\/features/,
    );
    await expect(readHdf5(path('several.h5'), 'label')).rejects.toThrow(/should be an array label, got .*labels/);
    await expect(readHdf5(path('other.h5'))).rejects.toThrow(/other\.h5 should be an HDF5 file/);
    await expect(readHdf5(path('cut.h5'))).rejects.toThrow(/cut\.h5 should be .* got an incomplete or broken one/);
    await expect(readHdf5(path('none.h5'))).rejects.toThrow(DataError);
  });

  it('gives the names of a list', async () => {
    const entries = await listEntries(new SetFolder('test', [folder], null), 'names.h5');
    expect(entries).toEqual([
      { text: 'actor_0001_1.jpg', place: 'names.h5, entry 1' },
      { text: 'zoo_2.jpg', place: 'names.h5, entry 2' },
    ]);
    await expect(listEntries(new SetFolder('test', [folder], null), 'other.h5')).rejects.toThrow(
      /other\.h5, should be a file of names/,
    );
  });
});

describe('listEntries', () => {
  it('takes names from pickles and arrays, and tells what is none', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ltml-entries-'));
    try {
      const folder = new SetFolder('test', [root], null);
      const write = (file: string, name: string): void => writeFileSync(join(root, file), bytesOf(name));
      write('names.pkl', 'dict4');
      write('ids.npy', 'npy_l');
      write('mixed.pkl', 'mixed4');
      write('sets.pkl', 'set4');
      // A dictionary whose one entry is itself.
      writeFileSync(join(root, 'loop.pkl'), '}\x94K\x00h\x00s.', 'latin1');
      await expect(listEntries(folder, 'loop.pkl')).rejects.toThrow(/loop.pkl, should be a list of names or ids/);
      const texts = async (file: string) => (await listEntries(folder, file)).map(({ text }) => text);
      expect(await texts('names.pkl')).toEqual(['actor_0001_1.jpg', 'zoo_2.jpg']);
      expect(await texts('ids.npy')).toEqual(['5', '6']);
      await expect(listEntries(folder, 'mixed.pkl')).rejects.toThrow(/mixed.pkl, entry 6, should be a name or an id/);
      await expect(listEntries(folder, 'sets.pkl')).rejects.toThrow(/sets.pkl, should be a list of names or ids/);
      await expect(listEntries(folder, 'no.pkl')).rejects.toThrow(
        /no.pkl, should be a file that can be read, got no such/,
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
