import { checkChoice, checkCount, checkFlag, checkNumber, checkOptionNames } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';

describe('checkNumber', () => {
  it('takes both ends of a closed range and neither of an open one', () => {
    for (const value of [0, 0.5, 1])
      expect(() => checkNumber('f', 'options.p', value, { min: 0, max: 1 })).not.toThrow();
    for (const value of [0, 1]) {
      expect(() => checkNumber('f', 'options.p', value, { above: 0, below: 1 })).toThrow(
        `f: options.p should be a finite number in (0, 1), got ${value}`,
      );
    }
  });

  it.each([Number.NaN, Infinity, -Infinity, '1', undefined, null, [], {}])('refuses %s whatever the range', (value) => {
    expect(() => checkNumber('f', 'options.p', value)).toThrow('f: options.p should be a finite number, got');
  });

  it('tells a range of one end', () => {
    expect(() => checkNumber('f', 'x', -1, { min: 0 })).toThrow('a finite number ≥ 0, got -1');
    expect(() => checkNumber('f', 'x', 0, { above: 0 })).toThrow('a finite number > 0, got 0');
    expect(() => checkNumber('f', 'x', 3, { max: 2 })).toThrow('a finite number ≤ 2, got 3');
    expect(() => checkNumber('f', 'x', 2, { below: 2 })).toThrow('a finite number < 2, got 2');
  });
});

describe('checkCount', () => {
  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 53, '3', undefined])(
    'refuses %s where counts begin at 1',
    (value) => {
      expect(() => checkCount('f', 'options.n', value)).toThrow('f: options.n should be a whole number ≥ 1, got');
    },
  );

  it('takes what the range allows', () => {
    expect(() => checkCount('f', 'options.n', 0, { min: 0 })).not.toThrow();
    expect(() => checkCount('f', 'options.n', 5, { min: 0, max: 4 })).toThrow('a whole number in [0, 4], got 5');
    expect(() => checkCount('f', 'options.n', 0, { max: 4 })).toThrow('a whole number in [1, 4], got 0');
  });
});

it('lists choices, flags and names', () => {
  expect(() => checkChoice('f', 'options.by', 'meen' as string, ['mean', 'sum'])).toThrow(
    'one of mean, sum, got "meen"',
  );
  expect(() => checkFlag('f', 'options.bias', 1)).toThrow('true or false, got 1');
  expect(() => checkOptionNames('f', { siz: 1 }, ['size'])).toThrow('made of size, got the unknown option "siz"');
});
