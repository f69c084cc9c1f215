import { DataError } from '@ltml/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holm, pValueOfInterval } from '../src/index.ts';

test('agrees with p.adjust(method = "holm") of R', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.5, 0.6, 0.9])).toEqual([1, 1, 1]);
  expect(holm([0.02])).toEqual([0.02]);
  expect(holm([])).toEqual([]);
});

test('a comparison that could not be made does not count', () => {
  expect(holm([0.01, Number.NaN, 0.04])).toEqual([0.02, Number.NaN, 0.04]);
});

test('keeps the order of p values, never makes one smaller, and is in [0, 1]', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (values) => {
      const corrected = holm(values);
      for (const [i, p] of values.entries()) {
        expect(corrected[i]).toBeGreaterThanOrEqual(p);
        expect(corrected[i]).toBeLessThanOrEqual(1);
        for (const [j, q] of values.entries()) if (p < q) expect(corrected[i]).toBeLessThanOrEqual(corrected[j]);
      }
    }),
  );
});

test('refuses what is no p value', () => {
  expect(() => holm([0.1, 1.2])).toThrow(expect.toSatisfy(DataError.is));
  expect(() => holm([-0.1])).toThrow(/pValues\[0\]/);
});

test('an interval that just reaches zero has a p value of one minus its confidence', () => {
  expect(pValueOfInterval({ difference: 2, low: 0, high: 4 })).toBeCloseTo(0.05, 9);
  expect(pValueOfInterval({ difference: -2, low: -4, high: 0 }, 0.9)).toBeCloseTo(0.1, 9);
  expect(pValueOfInterval({ difference: 0, low: -1, high: 1 })).toBeCloseTo(1, 9);
  // Three deviations: 2 · P(Z > 3).
  expect(pValueOfInterval({ difference: 3, low: 3 - 1.959964, high: 3 + 1.959964 })).toBeCloseTo(0.0026998, 6);
});

test('says what it can of intervals without width or number', () => {
  expect(pValueOfInterval({ difference: 0, low: 0, high: 0 })).toBe(1);
  expect(pValueOfInterval({ difference: 1, low: 1, high: 1 })).toBe(0);
  expect(pValueOfInterval({ difference: Number.NaN, low: 0, high: 1 })).toBeNaN();
});
