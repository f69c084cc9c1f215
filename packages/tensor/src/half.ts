import { DataError } from './errors.ts';

/** Converts IEEE half precision to float32, exactly. */
export function widenHalf(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const sign = (halves[i] & 0x8000) << 16;
    const exponent = (halves[i] >> 10) & 0x1f;
    const fraction = halves[i] & 0x3ff;
    if (exponent === 0x1f) words[i] = sign | 0x7f800000 | (fraction << 13);
    else if (exponent > 0) words[i] = sign | ((exponent + 112) << 23) | (fraction << 13);
    else if (fraction === 0) words[i] = sign;
    else {
      // A subnormal half is a normal float32: shift the leading one out of the fraction.
      const shift = Math.clz32(fraction) - 21;
      words[i] = sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
    }
  }
  return new Float32Array(words.buffer);
}

/** Converts bfloat16, the upper half of a float32, to float32. */
export function widenBfloat(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/**
 * Converts float32 to IEEE half precision, rounding to nearest, ties to even.
 *
 * @throws DataError if a finite number exceeds the largest half, 65504
 */
export function narrowToHalf(name: string, values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    halves[i] = nearestHalf(words[i]);
    if ((halves[i] & 0x7fff) !== 0x7c00 || Math.abs(values[i]) === Number.POSITIVE_INFINITY) continue;
    throw new DataError({
      where: 'writeSafetensors',
      argument: name,
      expected: 'at most 65504 in size to be stored as F16',
      received: `${values[i]} at ${i}`,
    });
  }
  return halves;
}

/** The bits of a half from the bits of a float32. */
function nearestHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  // NaN keeps the part of its payload that fits, and at least one bit.
  if (size > 0x7f800000) return sign | 0x7c00 | 0x200 | ((size >>> 13) & 0x3ff);
  const exponent = (size >>> 23) - 112;
  if (exponent >= 31) return sign | 0x7c00;
  // Below the normal halves the fraction is shifted further, with its leading one; below 2⁻²⁵ the result is 0.
  const shift = exponent > 0 ? 13 : 14 - exponent;
  if (shift > 24) return sign;
  const fraction = exponent > 0 ? size - (112 << 23) : (size & 0x7fffff) | 0x800000;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const floor = fraction >>> shift;
  // A carry out of the fraction correctly increments the exponent, up to infinity.
  return sign | (floor + (rest > middle || (rest === middle && floor & 1) ? 1 : 0));
}
