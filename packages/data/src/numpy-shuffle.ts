import type { MersenneTwister } from '@ltml/tensor';

/** Shuffles in place exactly as NumPy's `RandomState.shuffle` does. */
export function numpyShuffle(random: MersenneTwister, items: Int32Array): void {
  for (let i = items.length - 1; i > 0; i--) {
    // As many low bits as an index up to i needs, drawn again until the number is at most i.
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = (random.bits() & mask) >>> 0;
    while (j > i) j = (random.bits() & mask) >>> 0;
    [items[i], items[j]] = [items[j], items[i]];
  }
}
