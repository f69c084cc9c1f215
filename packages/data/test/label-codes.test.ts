import { DataError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { decodeLabels, encodeLabels, labelsFromLists, unknownIsMinusOne, unknownIsZero } from '../src/label-codes.ts';

test('the same numbers mean different things under different codes', () => {
  const values = [1, 0, -1, 1];
  expect(decodeLabels(values, 2, unknownIsZero)).toEqual({
    rows: 2,
    columns: 2,
    present: Uint8Array.of(1, 0, 0, 1),
    known: Uint8Array.of(1, 0, 1, 1),
  });
  expect(decodeLabels(values, 2, unknownIsMinusOne).known).toEqual(Uint8Array.of(1, 1, 0, 1));
});

test('decoding and encoding are inverse', () => {
  const values = Int8Array.of(1, 0, -1, 1, -1, -1);
  for (const codes of [unknownIsZero, unknownIsMinusOne]) {
    expect(encodeLabels(decodeLabels(values, 3, codes), codes)).toEqual(values);
  }
});

test('known is left out where nothing is unknown', () => {
  expect(decodeLabels([1, 0], 2, unknownIsMinusOne)).toEqual({ rows: 1, columns: 2, present: Uint8Array.of(1, 0) });
});

test('refuses other numbers and incomplete rows', () => {
  expect(() => decodeLabels([1, 0, 2], 3, unknownIsZero)).toThrow(/got 2 at row 0, class 2/);
  expect(() => decodeLabels([1, 0, 1], 2, unknownIsZero)).toThrow(DataError);
});

test('lists of present classes', () => {
  expect(labelsFromLists([[1], [], [0, 2]], 3).present).toEqual(Uint8Array.of(0, 1, 0, 0, 0, 0, 1, 0, 1));
  expect(() => labelsFromLists([[0], [3]], 3)).toThrow(/lists\[1\]\[0\] should be an index below 3, got 3/);
});
