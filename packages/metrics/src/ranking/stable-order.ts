/** Bits that one pass of the sort looks at; three passes cover 32 bits. */
const digitBits = 11;
const digitMask = 2 ** digitBits - 1;

/**
 * Positions by ascending key, of equal keys the lower position first: a radix sort in linear time.
 *
 * @param keys [N]
 * @returns [N]
 */
export function stableOrder(keys: Uint32Array): Int32Array {
  const N = keys.length;
  let order = new Int32Array(N);
  let next = new Int32Array(N);
  const starts = new Int32Array(digitMask + 2);
  for (let i = 0; i < N; i++) order[i] = i;
  for (let shift = 0; shift < 32; shift += digitBits) {
    starts.fill(0);
    for (let i = 0; i < N; i++) starts[((keys[i] >>> shift) & digitMask) + 1]++;
    for (let digit = 0; digit < digitMask; digit++) starts[digit + 1] += starts[digit];
    for (let i = 0; i < N; i++) next[starts[(keys[order[i]] >>> shift) & digitMask]++] = order[i];
    [order, next] = [next, order];
  }
  return order;
}

/** Keys for {@link stableOrder} that put the highest first. */
export function descending(keys: Uint32Array): Uint32Array {
  const inverted = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) inverted[i] = ~keys[i];
  return inverted;
}

/**
 * Integer keys in the order of float32 scores; −0 and 0 get the same key.
 *
 * @param scores [N] none NaN
 * @returns [N]
 */
export function ascendingKeys(scores: Float32Array): Uint32Array {
  const values = new Float32Array(scores.length);
  // Adding 0 turns −0 into 0.
  for (let i = 0; i < scores.length; i++) values[i] = scores[i] + 0;
  const keys = new Uint32Array(values.buffer);
  // The larger of two negative numbers has the smaller bits.
  for (let i = 0; i < keys.length; i++) keys[i] = keys[i] >>> 31 === 1 ? ~keys[i] : keys[i] | 0x80000000;
  return keys;
}
