import type { MersenneTwister } from '@ltml/tensor';

/** Shuffles in place as NumPy's `RandomState.shuffle` does, draw by draw. */
export function numpyShuffle(random: MersenneTwister, items: Int32Array): void {
  for (let i = items.length - 1; i > 0; i--) {
    // The lowest bits that a place up to i needs, drawn again until it is one.
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = (random.bits() & mask) >>> 0;
    while (j > i) j = (random.bits() & mask) >>> 0;
    [items[i], items[j]] = [items[j], items[i]];
  }
}
