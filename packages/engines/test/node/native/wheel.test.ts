import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackWheel, wheelVersion } from '../../../src/node/native/wheel.ts';
import { makeWheel, recordOf, tinyTensorFlow } from './make-wheel.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-wheel-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const isLibrary = (member: string): boolean => member.includes('.so');
const name = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';

test('the wanted members are unpacked, with their hashes and the progress', async () => {
  makeWheel(join(folder, name), tinyTensorFlow);
  const fractions: number[] = [];
  const hashes = await unpackWheel(join(folder, name), isLibrary, folder, (done, all) => fractions.push(done / all));
  expect(Object.keys(hashes).sort()).toEqual([
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
  ]);
  for (const file of Object.keys(hashes)) expect(readFileSync(join(folder, file), 'utf8')).toBe(tinyTensorFlow[file]);
  expect(existsSync(join(folder, 'tensorflow/python'))).toBe(false);
  expect(fractions.at(-1)).toBe(1);
  expect(hashes['tensorflow/libtensorflow_framework.so.2']).toMatch(/^[0-9a-f]{64}$/);
});

test('a member that differs from the record is refused', async () => {
  const record = recordOf({ ...tinyTensorFlow, 'tensorflow/libtensorflow_cc.so.2': 'other' });
  makeWheel(join(folder, name), tinyTensorFlow, record);
  const error = await unpackWheel(join(folder, name), isLibrary, folder).catch((e) => e);
  expect(DataError.is(error)).toBe(true);
  expect(error.message).toMatch(/sha256 of tensorflow\/libtensorflow_cc\.so\.2.*download it again/);
});

test('a member without a hash in the record is refused', async () => {
  makeWheel(join(folder, name), tinyTensorFlow, '');
  await expect(unpackWheel(join(folder, name), isLibrary, folder)).rejects.toThrow(/no hash of tensorflow/);
});

test('a wheel cut short is refused', async () => {
  makeWheel(join(folder, name), tinyTensorFlow);
  writeFileSync(join(folder, name), readFileSync(join(folder, name)).subarray(0, 5000));
  const error = await unpackWheel(join(folder, name), isLibrary, folder).catch((e) => e);
  expect(DataError.is(error)).toBe(true);
});

test('the version is read from the name, and a file without one refused', () => {
  expect(wheelVersion(`/some/folder/${name}`)).toBe('2.21.0');
  expect(() => wheelVersion('/some/folder/tensorflow.whl')).toThrow(/named like tensorflow_cpu-2.21.0/);
});
