import { checkShapes, ShapeError } from '@ltml/tensor';
import { expect, expectTypeOf, test } from 'vitest';

const shaped = (...shape: number[]) => ({ shape });

test('binds letters and hands back their sizes', () => {
  const sizes = checkShapes('f', { x: [shaped(8, 4, 3, 9), 'B C 3 *'], y: [shaped(4), 'C'], z: [shaped(), ''] });
  expect(sizes).toEqual({ B: 8, C: 4 });
  expectTypeOf(sizes).toEqualTypeOf<{ readonly B: number; readonly C: number }>();
});

test('an axis may be empty', () => {
  expect(checkShapes('f', { x: [shaped(0, 4), 'B C'] })).toEqual({ B: 0, C: 4 });
});

test('a letter that does not match is refused with the sizes known and the argument that bound them', () => {
  const call = () => checkShapes('asymmetricLoss', { logits: [shaped(8, 80), 'B C'], labels: [shaped(8, 81), 'B C'] });
  expect(call).toThrow(ShapeError);
  expect(call).toThrow('asymmetricLoss: labels should be [B, C] = [8, 80], to fit logits, got [8, 81]');
});

test('the first argument can only be of the wrong rank', () => {
  expect(() => checkShapes('f', { x: [shaped(8), 'B C'] })).toThrow('f: x should be [B, C], got [8]');
  expect(() => checkShapes('f', { x: [shaped(8), ''] })).toThrow('f: x should be [], got [8]');
});

test('a number must be met, a star may be anything', () => {
  expect(() => checkShapes('f', { x: [shaped(2, 4), 'B 3'] })).toThrow('f: x should be [B, 3] = [B, 3], got [2, 4]');
  expect(() => checkShapes('f', { x: [shaped(2, 9), '* *'] })).not.toThrow();
});

test('all arguments that bound a letter are named', () => {
  const call = () => checkShapes('f', { x: [shaped(2), 'B'], y: [shaped(5), 'C'], z: [shaped(3, 5, 7), 'B C D'] });
  expect(call).toThrow('f: z should be [B, C, D] = [2, 5, D], to fit x and y, got [3, 5, 7]');
});

test('a letter that stands twice must agree with itself', () => {
  expect(checkShapes('f', { x: [shaped(3, 3), 'C C'] })).toEqual({ C: 3 });
  expect(() => checkShapes('f', { x: [shaped(3, 4), 'C C'] })).toThrow(
    'f: x should be [C, C] with equal C, got [3, 4]',
  );
});
