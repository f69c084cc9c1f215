import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError, parseJson } from '../src/index.ts';

const parse = (text: string, bounds = {}): unknown => parseJson('test', 'file.json', text, bounds);

test('any JSON within the bounds is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
    { seed: 1 },
  );
});

test('brackets in strings do not count, those outside do', () => {
  expect(parse('["[[[[\\"[[["]', { deepest: 1 })).toEqual(['[[[["[[[']);
  expect(parse('[[1],[2]]', { deepest: 2, most: 5 })).toEqual([[1], [2]]);
  expect(() => parse('[[1],[2]]', { deepest: 1 })).toThrow('file.json should be JSON of at most');
  expect(() => parse('[1,2,3]', { most: 3 })).toThrow(/at most 3 values.*got more/);
});

test.each(['['.repeat(16 << 20), '{"a":'.repeat(3 << 20), `[${'1,'.repeat(8 << 20)}1]`, '["\\', '"', ''])(
  'hostile text is refused, and quickly (%#)',
  (text) => {
    const start = performance.now();
    expect(() => parse(text)).toThrow(expect.toSatisfy(DataError.is));
    expect(performance.now() - start).toBeLessThan(2000);
  },
);
