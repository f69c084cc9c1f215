import { expect, it } from 'vitest';
import { sumOverRanks } from '../../src/ranks/sum-over-ranks.ts';

it('sums large arrays one by one and small ones together, bit for bit', () => {
  const lengths = [20_000, 3, 0, 16_384, 16_383, 1];
  const arrays = lengths.map((length, a) => Float32Array.from({ length }, (_, i) => Math.sin(1 + a + i)));
  const expected = arrays.map((values) => values.map((value) => value * 3));
  const sent: number[] = [];
  const communicator = {
    allReduce(values: Float32Array): void {
      sent.push(values.length);
      for (let i = 0; i < values.length; i++) values[i] *= 3;
    },
  };
  sumOverRanks(communicator, arrays);
  expect(arrays).toEqual(expected);
  expect(sent).toEqual([16_387, 20_000, 16_384]);
  sumOverRanks(communicator, []);
  expect(sent).toHaveLength(3);
});
