import { OptionError, RandomStream, RandomStreams } from '@ltml/tensor';
import { describe, expect, test } from 'vitest';

const draw = (random: RandomStream, count: number) => Array.from({ length: count }, () => random.bits());

/** Σ (observed − expected)² / expected for equally likely cells. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('RandomStream', () => {
  test('is xoshiro128**: the words of its authors’ program for the state 1, 2, 3, 4', () => {
    expect(draw(new RandomStream([1, 2, 3, 4]), 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  test('gives what it gave before for a seed, since data sets depend on it', () => {
    expect(draw(new RandomStream(0), 3)).toEqual([1789933344, 44971166, 2521387044]);
    expect(draw(new RandomStream(4294967295), 3)).toEqual([4104197751, 1825856343, 1152209388]);
  });

  test('all bits and the sign of a seed count', () => {
    const seeds = [0, 1, -1, 256, 2 ** 32, 2 ** 40, -(2 ** 40), 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, 4294967295];
    expect(new Set(seeds.map((seed) => draw(new RandomStream(seed), 4).join())).size).toBe(seeds.length);
  });

  test('refuses a seed that is not a whole number', () => {
    for (const seed of [0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => new RandomStream(seed)).toThrow(OptionError);
      expect(() => new RandomStreams(seed)).toThrow(OptionError);
    }
  });

  test('goes on from a saved state', () => {
    const random = new RandomStream(5);
    draw(random, 7);
    const { state } = random;
    const expected = draw(random, 5);
    expect(draw(new RandomStream(state), 5)).toEqual(expected);
    random.state = JSON.parse(JSON.stringify(state));
    expect(draw(random, 5)).toEqual(expected);
  });

  test('uniform fills [0, 1) evenly, and fills the range that is asked for', () => {
    const random = new RandomStream(1);
    const counts = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(random.uniform() * 100)]++;
    expect(counts.length).toBe(100);
    // 99 degrees of freedom: beyond [61, 148] lies 0.2 % of what chance gives.
    expect(chiSquare(counts)).toBeGreaterThan(61);
    expect(chiSquare(counts)).toBeLessThan(148);
    const ranged = Array.from({ length: 1000 }, () => random.uniform(-2, 3));
    expect(Math.min(...ranged)).toBeGreaterThanOrEqual(-2);
    expect(Math.min(...ranged)).toBeLessThan(-1.9);
    expect(Math.max(...ranged)).toBeLessThan(3);
    expect(Math.max(...ranged)).toBeGreaterThan(2.9);
  });

  test('uniform has 53 random bits', () => {
    const random = new RandomStream(1);
    const units = Array.from({ length: 100 }, () => random.uniform() * 2 ** 53);
    expect(units.every(Number.isInteger)).toBe(true);
    expect(units.filter((unit) => unit % 2 === 1).length).toBeGreaterThan(30);
  });

  test('integer is even where 2³² is not a multiple of the range', () => {
    const random = new RandomStream(2);
    // With a plain remainder the lower half of 3 · 2³⁰ would come up twice as often.
    const below = 3 * 2 ** 30;
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) counts[Math.floor(random.integer(below) / 2 ** 30)]++;
    expect(chiSquare(counts)).toBeLessThan(13.8);
  });

  test('integer takes 1 to 2³² and refuses the rest', () => {
    const random = new RandomStream(3);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32);
    for (const below of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => random.integer(below)).toThrow(OptionError);
  });

  test('normal has the moments and the share within one deviation of a normal', () => {
    const random = new RandomStream(4);
    const count = 100_000;
    const values = Array.from({ length: count }, () => random.normal(3, 2));
    const mean = values.reduce((sum, x) => sum + x, 0) / count;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    const within = values.filter((x) => Math.abs(x - 3) < 2).length / count;
    // Four standard errors each.
    expect(Math.abs(mean - 3)).toBeLessThan((4 * 2) / Math.sqrt(count));
    expect(Math.abs(variance - 4)).toBeLessThan(4 * 4 * Math.sqrt(2 / count));
    expect(Math.abs(within - 0.6827)).toBeLessThan(4 * Math.sqrt((0.6827 * 0.3173) / count));
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test('all permutations of three and of four items are equally likely', () => {
    const random = new RandomStream(6);
    for (const [length, orders, limit] of [
      [3, 6, 20.5],
      [4, 24, 49.7],
    ] as const) {
      const counts = new Map<string, number>();
      for (let i = 0; i < 1000 * orders; i++) {
        const order = random.permutation(length).join();
        counts.set(order, (counts.get(order) ?? 0) + 1);
      }
      expect(counts.size).toBe(orders);
      // 0.1 % of what chance gives lies beyond.
      expect(chiSquare([...counts.values()])).toBeLessThan(limit);
    }
  });

  test('shuffle keeps what it shuffles, in the array given', () => {
    const items = ['a', 'b', 'c', 'd', 'e'];
    expect(new RandomStream(7).shuffle(items)).toBe(items);
    expect([...items].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(new RandomStream(7).shuffle([])).toEqual([]);
  });
});

describe('RandomStreams', () => {
  test('a stream does not move when another is drawn from', () => {
    const streams = new RandomStreams(1);
    const expected = draw(new RandomStreams(1).stream('shuffle'), 5);
    draw(streams.stream('augment'), 100);
    expect(draw(streams.stream('shuffle'), 5)).toEqual(expected);
  });

  test('names and seeds give streams of their own, without correlation', () => {
    const names = ['init', 'shuffle', 'augment', 'dropout', 'mask', 'mask0', 'mask1'];
    const seeds = [0, 1, -1, 2 ** 40, 2 ** 32];
    const firsts = seeds.flatMap((seed) => names.map((name) => new RandomStreams(seed).stream(name)));
    expect(new Set(firsts.map((stream) => draw(stream, 2).join())).size).toBe(firsts.length);
    // Of two independent streams half of all bits are equal: 64,000 bits, four standard deviations.
    const [a, b] = [new RandomStreams(0).stream('mask0'), new RandomStreams(0).stream('mask1')];
    let equal = 0;
    for (let i = 0; i < 2000; i++) for (let x = ~(a.bits() ^ b.bits()); x !== 0; x &= x - 1) equal++;
    expect(Math.abs(equal - 32_000)).toBeLessThan(4 * 126.5);
  });

  test('derive depends on name, keys and seed, and on nothing that was drawn', () => {
    const streams = new RandomStreams(9);
    const first = draw(streams.derive('augment', 2, 5), 3);
    draw(streams.stream('augment'), 10);
    expect(draw(streams.derive('augment', 2, 5), 3)).toEqual(first);
    const others = [
      streams.derive('augment', 5, 2),
      streams.derive('augment', 25),
      new RandomStreams(8).derive('augment', 2, 5),
    ];
    for (const other of others) expect(draw(other, 3)).not.toEqual(first);
  });
});
