import { checkOptionNames, DataError, LtmlError, NotSupportedError, OptionError, ShapeError } from '@ltml/tensor';
import { expect, test, vi } from 'vitest';

const details = { where: 'focalLoss', argument: 'labels', expected: '[8, 80]', received: '[8, 81]' };
const kinds = [ShapeError, OptionError, DataError, NotSupportedError];

test('says where, what, what was expected and what came', () => {
  expect(new ShapeError(details).message).toBe('focalLoss: labels should be [8, 80], got [8, 81]');
  expect(new DataError({ ...details, hint: 'Drop a class.' }).message).toMatch(/got \[8, 81\]\. Drop a class\.$/);
});

test('keeps the details and the cause as fields', () => {
  const cause = new Error('first');
  const error = new OptionError({ ...details, hint: 'Try.', cause });
  expect(error).toMatchObject({ ...details, hint: 'Try.', name: 'OptionError', cause });
  expect(new OptionError(details)).not.toHaveProperty('cause');
  expect(new OptionError(details)).toBeInstanceOf(Error);
});

test.each(kinds)('%o is an LtmlError and of its own kind only', (Kind) => {
  const error = new Kind(details);
  expect(LtmlError.is(error)).toBe(true);
  expect(kinds.filter((candidate) => candidate.is(error))).toEqual([Kind]);
});

test('nothing else is of a kind', () => {
  for (const value of [new Error('no'), null, undefined, 'DataError', { name: 'DataError' }]) {
    expect(LtmlError.is(value)).toBe(false);
    expect(DataError.is(value)).toBe(false);
  }
});

test('two copies of the package recognise each other’s errors', async () => {
  vi.resetModules();
  const copy = await import('../src/errors.ts');
  expect(copy.DataError).not.toBe(DataError);
  expect(DataError.is(new copy.DataError(details))).toBe(true);
  expect(copy.ShapeError.is(new DataError(details))).toBe(false);
});

test('checkOptionNames lists the names it knows beside the one it does not', () => {
  expect(() => checkOptionNames('focalLoss', { gamma: 2 }, ['gamma', 'alpha'])).not.toThrow();
  expect(() => checkOptionNames('focalLoss', { gama: 2 }, ['gamma', 'alpha'])).toThrow(
    'focalLoss: options should be made of gamma, alpha, got the unknown option "gama"',
  );
});
