import { describe, expect, it } from 'vitest';
import { configDifference } from '../../src/node/config-difference.ts';

describe('configDifference', () => {
  it('names entries by their paths, with both values', () => {
    const there = { a: 1, b: { c: [1, 2], d: null }, e: 'x' };
    const here = { e: 'x', b: { d: { f: 1 }, c: [1, 3, 4] }, a: '1' };
    expect(configDifference(there, here)).toBe(
      'a: 1 there, "1" here; b.c.1: 2 there, 3 here; b.c.2: nothing there, 4 here; b.d: null there, {"f":1} here',
    );
  });

  it('is empty for equal configurations, whatever the order of their keys', () => {
    expect(configDifference({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe('');
  });

  it('shortens what is long, and tells long values apart that begin alike', () => {
    const [there, here] = ['a', 'b'].map((end) => ({ text: 'x'.repeat(100) + end }));
    expect(configDifference(there, here)).toMatch(/^text: "x{58}… there, "x{58}… here$/);
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, i]));
    expect(configDifference(many, {})).toMatch(/k7: 7 there, nothing here; and 2 more$/);
  });
});
