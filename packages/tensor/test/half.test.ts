import { DataError, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { narrowToHalf, widenBfloat, widenHalf } from '../src/half.ts';

/** The value of a half by its definition, in doubles. */
function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const every = Uint16Array.from({ length: 65536 }, (_, i) => i);

test('every half widens to its value: subnormal, infinite, NaN and both zeros', () => {
  const wide = widenHalf(every);
  expect(every.findIndex((half) => !Object.is(wide[half], halfValue(half)))).toBe(-1);
});

test('every half comes back from its float32, NaNs as NaNs', () => {
  const back = narrowToHalf('x', widenHalf(every));
  const wrong = every.findIndex((half) =>
    Number.isNaN(halfValue(half)) ? (back[half] & 0x7fff) <= 0x7c00 : back[half] !== half,
  );
  expect(wrong).toBe(-1);
});

test('a float32 goes to the nearest half, the one with an even fraction if two are equally near', () => {
  const halves = (...values: number[]) => [...narrowToHalf('x', Float32Array.from(values))];
  const [one, next] = [0x3c00, 0x3c01];
  // Halves next to 1 are 2⁻¹⁰ apart.
  expect(halves(1 + 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 1 + 3 * 2 ** -11)).toEqual([one, next, 0x3c02]);
  // The smallest is 2⁻²⁴; half of it is a tie with 0.
  expect(halves(2 ** -25, 2 ** -25 * 1.001, 1.5 * 2 ** -24, -(2 ** -26), 1e-40)).toEqual([0, 1, 2, 0x8000, 0]);
  // The border to the normal halves, and the largest of all: a carry must run into the exponent.
  expect(halves(2 ** -14 - 2 ** -26, 65519, -65519)).toEqual([0x0400, 0x7bff, 0xfbff]);
});

test('the nearest half is the nearest', () => {
  const values = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i) * 2 ** ((i % 40) - 25));
  for (const [i, half] of narrowToHalf('x', values).entries()) {
    const distances = [half - 1, half, half + 1].map((near) => Math.abs(halfValue(near) - values[i]));
    // The neighbours of a zero are the smallest number and a NaN, which is none.
    expect(distances[1]).toBe(Math.min(...distances.filter((distance) => !Number.isNaN(distance))));
  }
});

test('a finite number beyond the halves is refused, an infinite one is stored', () => {
  expect(() => narrowToHalf('w', Float32Array.of(0, 65520))).toThrow(DataError);
  expect(() => narrowToHalf('w', Float32Array.of(0, -1e30))).toThrow(
    /w should be at most 65504 .*got -1\.0+1504.*e\+30 at 1/,
  );
  expect([...narrowToHalf('w', Float32Array.of(Infinity, -Infinity))]).toEqual([0x7c00, 0xfc00]);
});

test('every bfloat16 is the upper half of a float32', () => {
  const words = new Uint32Array(widenBfloat(every).buffer);
  expect(every.findIndex((half) => words[half] !== half * 65536)).toBe(-1);
});

test('safetensors stores F32 as F16 if told so, and nothing else', () => {
  const bytes = writeSafetensors(
    new Map([
      ['w', { dtype: 'F32', shape: [3], data: Float32Array.of(1, 0.1, -2) }],
      ['n', { dtype: 'I32', shape: [1], data: Int32Array.of(7) }],
    ]),
    { float32As: 'F16' },
  );
  const { tensors } = readSafetensors(bytes);
  expect(tensors.get('w')).toEqual({ dtype: 'F32', shape: [3], data: Float32Array.of(1, 0.0999755859375, -2) });
  expect(tensors.get('n')?.data).toEqual(Int32Array.of(7));
});
