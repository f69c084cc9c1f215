import { DataError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { ScoreAccumulator } from '../src/core/score-accumulator.ts';
import { averagePrecision } from '../src/ranking/average-precision.ts';
import { randomScores } from './oracle.ts';

test('batches of any size add up to the whole', () => {
  const whole = randomScores(new RandomStream(3), 200, 7, false);
  for (const expectedRows of [1, 200]) {
    const gathered = new ScoreAccumulator({ columns: 7, expectedRows });
    for (let row = 0, size = 1; row < 200; row += size, size = 1 + (size % 9)) {
      const [from, to] = [row * 7, (row + size) * 7];
      gathered.add({
        scores: whole.scores.subarray(from, to),
        labels: whole.present.subarray(from, to),
        known: whole.known?.subarray(from, to),
      });
    }
    expect(gathered.scores()).toEqual(whole);
    expect(averagePrecision(gathered.scores())).toEqual(averagePrecision(whole));
  }
});

test('known is left out while everything is known, and complete as soon as something is not', () => {
  const gathered = new ScoreAccumulator({ columns: 2 });
  gathered.add({ scores: [1, 2], labels: [0, 1] });
  expect(gathered.scores()).toEqual({
    rows: 1,
    columns: 2,
    scores: Float32Array.of(1, 2),
    present: Uint8Array.of(0, 1),
  });
  gathered.add({ scores: [3, 4], labels: [0, 0], known: [1, 0] });
  gathered.add({ scores: [5, 6], labels: [0, 0] });
  expect(gathered.scores().known).toEqual(Uint8Array.of(1, 1, 1, 0, 1, 1));
});

test('an empty accumulator holds no rows', () => {
  expect(new ScoreAccumulator({ columns: 3 }).scores().rows).toBe(0);
});

test('a refused batch leaves nothing behind', () => {
  const gathered = new ScoreAccumulator({ columns: 2 });
  gathered.add({ scores: [1, 2], labels: [0, 1] });
  expect(() => gathered.add({ scores: [1, Number.NaN], labels: [0, 1] })).toThrow(/NaN at row 0, class 1/);
  expect(() => gathered.add({ scores: [1, 2], labels: [0, 2] })).toThrow(DataError);
  expect(() => gathered.add({ scores: [1, 2, 3], labels: [0, 1, 0] })).toThrow(ShapeError);
  expect(() => gathered.add({ scores: [1, 2], labels: [0, 1, 0, 1] })).toThrow(ShapeError);
  expect(gathered.scores().rows).toBe(1);
  expect(() => new ScoreAccumulator({ columns: 0 })).toThrow(OptionError);
});
