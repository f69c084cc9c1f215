/**
 * NumPy's legacy generator, `numpy.random.RandomState(seed)`: the Mersenne Twister MT19937 (Matsumoto and Nishimura
 * 1998). Some published splits and label masks are defined by its stream.
 */
export class MersenneTwister {
  readonly #words = new Uint32Array(624);
  #next = 624;

  /**
   * @param seed one 32-bit word seeds like `numpy.random.seed(word)`. A list of words seeds like `init_by_array`, as
   *   NumPy does for a list and CPython's `random.seed(word)` for its integer
   */
  constructor(seed: number | readonly number[]) {
    if (typeof seed === 'number') this.#seedByWord(seed);
    else this.#seedByArray(seed);
  }

  /** The next 32 random bits, as an unsigned integer. */
  bits(): number {
    if (this.#next === 624) this.#refill();
    let y = this.#words[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Uniform in [0, 1) with 53 random bits, like NumPy's `random_sample` and CPython's `random.random`. */
  uniform(): number {
    return ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  #seedByWord(seed: number): void {
    const mt = this.#words;
    mt[0] = seed >>> 0;
    for (let i = 1; i < 624; i++) mt[i] = Math.imul(1812433253, mt[i - 1] ^ (mt[i - 1] >>> 30)) + i;
    this.#next = 624;
  }

  #seedByArray(key: readonly number[]): void {
    this.#seedByWord(19650218);
    const mt = this.#words;
    let i = 1;
    let j = 0;
    const step = (): void => {
      if (++i >= 624) {
        mt[0] = mt[623];
        i = 1;
      }
    };
    for (let k = Math.max(624, key.length); k > 0; k--) {
      mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1664525)) + key[j] + j;
      step();
      if (++j >= key.length) j = 0;
    }
    for (let k = 623; k > 0; k--) {
      mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1566083941)) - i;
      step();
    }
    mt[0] = 0x80000000;
  }

  #refill(): void {
    const mt = this.#words;
    for (let i = 0; i < 624; i++) {
      const y = (mt[i] & 0x80000000) | (mt[(i + 1) % 624] & 0x7fffffff);
      mt[i] = mt[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
