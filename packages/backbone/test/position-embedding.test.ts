import { DataError, type HostTensor } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { array, assert, constantFrom, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { bicubic, bicubicAntialias, bilinear, interpolatePositions } from '../src/index.ts';
import { randomHost } from './support.ts';

const kinds = { bicubic, bicubicAntialias, bilinear };
const table = (values: readonly number[], rows: number): HostTensor => ({
  dtype: 'F32',
  shape: [rows, values.length / rows],
  data: Float32Array.from(values),
});

test('the shares of each new place sum to 1, and its places are of the old grid', () => {
  const size = integer({ min: 1, max: 40 });
  assert(
    property(constantFrom(...Object.values(kinds)), size, size, (resampling, from, to) => {
      const shares = resampling(from, to);
      expect(shares).toHaveLength(to);
      for (const mix of shares) {
        expectClose([mix.reduce((sum, [, share]) => sum + share, 0)], [1], { absolute: 1e-9 });
        expect(mix.every(([place]) => place >= 0 && place < from)).toBe(true);
      }
    }),
  );
});

test.each(Object.entries(kinds))('%s keeps a constant table constant and the class row as it is', (_, resampling) => {
  assert(
    property(array(integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }), ([h, w]) => {
      const resized = interpolatePositions(table([7, ...new Array(9).fill(3)], 10), [h, w], resampling);
      expect(resized.shape).toEqual([1 + h * w, 1]);
      expectClose(resized.data as Float32Array, [7, ...new Array(h * w).fill(3)]);
    }),
  );
});

test('bilinear halves by means of pairs and doubles by quarters', () => {
  const ramp = table([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], 16);
  expectClose(interpolatePositions(ramp, [1, 2], bilinear).data as Float32Array, [0.5, 2.5]);
  const doubled = interpolatePositions(table([0, 4, 0, 4], 4), [1, 4], bilinear);
  expectClose(doubled.data as Float32Array, [0, 1, 3, 4]);
});

test('bicubic at the middle of four places is (−3, 19, 19, −3) / 32 of them', () => {
  const resized = interpolatePositions(table([1, 10, 100, 1000], 4), [1, 1], bicubic, [1, 4]);
  expectClose(resized.data as Float32Array, [(-3 * 1001 + 19 * 110) / 32]);
});

test('the same grid gives the table itself', () => {
  const positions = randomHost([1, 17, 3], 1);
  for (const resampling of Object.values(kinds)) {
    expect(interpolatePositions(positions, [4, 4], resampling)).toBe(positions);
  }
});

test('rows and columns are not mixed up', () => {
  const [rows, columns] = [table([0, 0, 1, 1], 4), table([0, 1, 0, 1], 4)];
  expectClose(interpolatePositions(rows, [4, 1], bilinear).data as Float32Array, [0, 0.25, 0.75, 1]);
  expectClose(interpolatePositions(columns, [1, 4], bilinear).data as Float32Array, [0, 0.25, 0.75, 1]);
});

test('a table of no square that has the rows of the new grid is that of the new grid', () => {
  for (const rows of [6, 7]) {
    const positions = randomHost([rows, 2], 1);
    expect(interpolatePositions(positions, [2, 3])).toBe(positions);
  }
});

test('a table that is no square is refused unless its grid is said', () => {
  const positions = randomHost([1 + 6, 2], 1);
  expect(() => interpolatePositions(positions, [4, 4])).toThrow(expect.toSatisfy(DataError.is));
  expect(interpolatePositions(positions, [4, 6], bicubic, [2, 3]).shape).toEqual([1 + 24, 2]);
});
