import { expectClose, findMismatch } from '@ltml/tensor/testing';
import { describe, expect, test } from 'vitest';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe('expectClose', () => {
  test('bounds the difference by absolute + relative · |expected|', () => {
    const tolerance = { relative: 0.25, absolute: 1 };
    expect(() => expectClose([7, 1], [4, 0], tolerance)).toThrow();
    expect(() => expectClose([6, 1], [4, 0], tolerance)).not.toThrow();
    expect(() => expectClose([2, -1], [4, 0], tolerance)).not.toThrow();
    expect(() => expectClose([1.9, -1], [4, 0], tolerance)).toThrow();
  });

  test('takes 1e-4 relative and 1e-6 absolute unless told otherwise', () => {
    expect(findMismatch([1.00009, 9e-7], [1, 0])).toBeNull();
    expect(findMismatch([1.00011], [1])).not.toBeNull();
    expect(findMismatch([1.1e-6], [0])).not.toBeNull();
  });

  test('NaN equals only NaN', () => {
    expect(findMismatch([nan], [nan])).toBeNull();
    for (const other of [0, infinity, -infinity]) {
      expect(findMismatch([nan], [other])).not.toBeNull();
      expect(findMismatch([other], [nan])).not.toBeNull();
    }
  });

  test('an infinity equals only itself, however large the tolerance', () => {
    const tolerance = { relative: infinity, absolute: infinity };
    expect(findMismatch([infinity, -infinity], [infinity, -infinity])).toBeNull();
    expect(findMismatch([-infinity], [infinity], tolerance)).not.toBeNull();
    expect(findMismatch([3e38], [infinity], tolerance)).not.toBeNull();
    expect(findMismatch([infinity], [3e38])).not.toBeNull();
  });

  test('the two zeros are equal', () => {
    expect(findMismatch([-0], [0], { relative: 0, absolute: 0 })).toBeNull();
  });

  test('lists of different length differ', () => {
    expect(findMismatch([1], [1, 2])).toBe('expected 2 numbers, got 1');
    expect(findMismatch([], [])).toBeNull();
  });

  test('names the worst place and counts the rest', () => {
    expect(findMismatch([1, 2.5, 9], [1, 2, 3])).toMatch(/^2 of 3 numbers differ; the worst at 2: expected 3, got 9/);
    expect(findMismatch([9, nan], [1, 2])).toMatch(/the worst at 1: expected 2, got NaN/);
  });
});
