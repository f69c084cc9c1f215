import { expect, test } from 'vitest';
import { nearestName } from '../src/nearest-name.ts';

test('a slip of a letter or two is answered with what was meant, and nothing like it with nothing', () => {
  const known = ['dog', 'cat', 'elephant', 'zebra'];
  expect(nearestName('dgo', known)).toBe('dog');
  expect(nearestName('Elefant', known)).toBe('elephant');
  expect(nearestName('zebr', known)).toBe('zebra');
  expect(nearestName('house', known)).toBeUndefined();
  expect(nearestName('', known)).toBeUndefined();
  expect(nearestName('dog', [])).toBeUndefined();
});
