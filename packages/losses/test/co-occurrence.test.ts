import { DataError, OptionError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, it } from 'vitest';
import { coOccurrenceShares } from '../src/index.ts';

it('divides each column by its sum', () => {
  const shares = coOccurrenceShares([
    [3, 1],
    [1, 4],
  ]);
  expectClose(shares.dataSync(), [0.75, 0.2, 0.25, 0.8]);
  shares.dispose();
});

it('refuses what are no rows of C counts, and classes without images', () => {
  expect(() => coOccurrenceShares([[1, 2], [3]])).toThrow(OptionError);
  expect(() =>
    coOccurrenceShares([
      [1, -3],
      [1, 5],
    ]),
  ).toThrow('counts[0][1] should be a finite number ≥ 0, got -3');
  expect(() =>
    coOccurrenceShares([
      [1, 0],
      [2, 0],
    ]),
  ).toThrow(DataError);
});
