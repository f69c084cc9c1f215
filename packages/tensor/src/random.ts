import { DataError, OptionError } from './errors.ts';

/** Four 32-bit words: the whole state of a {@link RandomStream}, small enough for a checkpoint. */
export type RandomState = readonly [number, number, number, number];

/**
 * A seeded stream of random numbers: xoshiro128** (Blackman and Vigna 2018), seeded through splitmix32.
 *
 * `uniform`, `integer`, `shuffle` and `permutation` use only integer and correctly rounded arithmetic, so they give the
 * same numbers in every JavaScript engine. `normal` uses `Math.log` and `Math.cos`, whose rounding may differ between
 * engines.
 */
export class RandomStream {
  #state: Uint32Array;

  /** @param seed a whole number (all 53 bits and the sign count), or a saved state @throws OptionError, DataError */
  constructor(seed: number | RandomState) {
    this.#state = typeof seed === 'number' ? expandSeed(seed) : checkedState(seed);
  }

  /** The state, to save it. */
  get state(): RandomState {
    return Array.from(this.#state) as unknown as RandomState;
  }

  /** Continues from a saved state. @throws DataError unless it is four 32-bit words that are not all 0 */
  set state(state: RandomState) {
    this.#state = checkedState(state);
  }

  /** The next 32 random bits, as an unsigned integer. */
  bits(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low: number = 0, high: number = 1): number {
    const unit = ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
    return low + (high - low) * unit;
  }

  /**
   * Uniform integer in [0, below), without modulo bias; `below` is a whole number from 1 to 2³².
   *
   * @throws OptionError
   */
  integer(below: number): number {
    if (!(Number.isInteger(below) && below >= 1 && below <= 4294967296)) {
      throw new OptionError({
        where: 'RandomStream.integer',
        argument: 'below',
        expected: 'a whole number from 1 to 2³²',
        received: `${below}`,
      });
    }
    const limit = 4294967296 - (4294967296 % below);
    let bits = this.bits();
    while (bits >= limit) bits = this.bits();
    return bits % below;
  }

  /**
   * Normal by the Box–Muller transform. It takes two uniform numbers per draw, so no second value is kept as hidden
   * state.
   */
  normal(mean: number = 0, standardDeviation: number = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher–Yates from the end) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }

  /** The integers 0 … length − 1 in random order. */
  permutation(length: number): Int32Array {
    return this.shuffle(Int32Array.from({ length }, (_, i) => i));
  }
}

/**
 * All random numbers of a run: one seed, and an independent stream for each purpose (`init`, `shuffle`, `augment`,
 * `dropout`, `mask`, …). Drawing more numbers for one purpose does not change any other.
 */
export class RandomStreams {
  /** The seed of all streams. */
  readonly seed: number;
  readonly #streams = new Map<string, RandomStream>();

  /** @param seed a whole number; all 53 bits and the sign count @throws OptionError */
  constructor(seed: number) {
    checkSeed('RandomStreams', seed);
    this.seed = seed;
  }

  /** The stream of a purpose; each call returns the same object. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = new RandomStream(hashName(name, this.seed));
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /**
   * A new stream for one purpose at one place, e.g. `derive('augment', epoch, position)`. It does not depend on earlier
   * draws, so work can be prefetched, shared among workers and resumed without saved state.
   */
  derive(name: string, ...keys: readonly number[]): RandomStream {
    return new RandomStream(hashName([name, ...keys].join('/'), this.seed));
  }

  /** The states of the streams used so far, by name. */
  state(): Record<string, RandomState> {
    return Object.fromEntries([...this.#streams].map(([name, stream]) => [name, stream.state]));
  }

  /**
   * Continues from saved states; streams that are not listed start from the seed. Existing stream objects are reset
   * too.
   */
  restore(states: Readonly<Record<string, RandomState>>): void {
    for (const name of new Set([...this.#streams.keys(), ...Object.keys(states)])) {
      this.stream(name).state = states[name] ?? new RandomStream(hashName(name, this.seed)).state;
    }
  }
}

function checkedState(state: unknown): Uint32Array {
  const words: readonly unknown[] = Array.isArray(state) ? state : [];
  const isWord = (word: unknown): boolean => Number.isInteger(word) && Number(word) >= 0 && Number(word) < 4294967296;
  if (words.length === 4 && words.every(isWord) && words.some((word) => word !== 0))
    return Uint32Array.from(state as RandomState);
  throw new DataError({
    where: 'RandomStream',
    argument: 'state',
    expected: 'four whole numbers from 0 to 2³² − 1, not all 0',
    received: JSON.stringify(state)?.slice(0, 60) ?? 'nothing',
  });
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/**
 * Four well mixed words from one seed. A seed of up to 32 bits is expanded alone; the rest of a longer seed is mixed
 * in.
 */
function expandSeed(seed: number): Uint32Array {
  checkSeed('RandomStream', seed);
  const words = splitmix(seed >>> 0);
  const upper = Math.floor(seed / 4294967296);
  return upper === 0 ? words : splitmix(~upper >>> 0).map((word, i) => word ^ words[i]);
}

/** Splitmix32: the first four words of its stream. */
function splitmix(seed: number): Uint32Array {
  let a = seed;
  return Uint32Array.from({ length: 4 }, () => {
    a = (a + 0x9e3779b9) >>> 0;
    let t = Math.imul(a ^ (a >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  });
}

/** FNV-1a over the name, started from the seed. */
function hashName(name: string, seed: number): number {
  const upper = Math.floor(seed / 4294967296);
  const text = upper === 0 ? name : `${name}#${upper}`;
  let hash = (0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

function checkSeed(where: string, seed: number): void {
  if (Number.isSafeInteger(seed)) return;
  throw new OptionError({
    where,
    argument: 'seed',
    expected: 'a whole number of at most 53 bits',
    received: `${seed}`,
  });
}
