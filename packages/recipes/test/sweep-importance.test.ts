import { describe, expect, it } from 'vitest';
import { entryImportance, type SweepScores } from '../src/node/index.ts';

/** Runs of points and seeds with one measure. */
const runsOf = (rows: readonly (readonly [point: Record<string, unknown>, seed: number, value: number])[]) =>
  rows.map(
    ([point, seed, value], i): SweepScores => ({
      run: { id: String(i).padStart(16, '0'), point, seed },
      measures: { score: value },
    }),
  );

const grid = [1, 2].flatMap((a) => ['x', 'y'].flatMap((b) => [1, 2].map((seed) => [a, b, seed] as const)));

describe('the importance of an entry', () => {
  it('is ε² of a one-way analysis of variance', () => {
    // Groups 1, 2, 3 and 4, 5, 9: SSB 24, SSW 2 + 14, SST 40, MSW 4.
    const rows = [1, 2, 3, 4, 5, 9].map((value, i) => [{ a: i < 3 }, 1, value] as const);
    expect(entryImportance(runsOf(rows), 'score')).toEqual([
      { entry: 'a', groups: 2, share: expect.closeTo((24 - 4) / 40, 12) },
    ]);
  });

  it('is near 1 for what decides alone, and 0 for what does not matter', () => {
    const rows = grid.map(([a, b, seed]) => [{ a, b }, seed, 10 * a] as const);
    expect(entryImportance(runsOf(rows), 'score')).toEqual([
      { entry: 'a', groups: 2, share: 1 },
      { entry: 'b', groups: 2, share: 0 },
      { entry: 'seed', groups: 2, share: 0 },
    ]);
  });

  it('cuts many numbers into four ranges, and leaves out what does not vary and runs without the measure', () => {
    const rows = Array.from(
      { length: 40 },
      (_, i) => [{ rate: 10 ** (-i / 10), fixed: 3 }, 1, Math.floor(i / 10)] as const,
    );
    const runs = [
      ...runsOf(rows),
      { run: { id: 'f'.repeat(16), point: { rate: 1, fixed: 4 }, seed: 2 }, measures: {} },
    ];
    expect(entryImportance(runs, 'score')).toEqual([{ entry: 'rate', groups: 4, share: 1 }]);
  });

  it('is unknown where each value is one run, 0 where all runs are equal, and of no runs none', () => {
    expect(
      entryImportance(
        runsOf([
          [{ a: 1 }, 1, 3],
          [{ a: 2 }, 1, 4],
        ]),
        'score',
      ),
    ).toEqual([{ entry: 'a', groups: 2, share: null }]);
    const equal = grid.map(([a, b, seed]) => [{ a, b }, seed, 0.5] as const);
    expect(entryImportance(runsOf(equal), 'score').map(({ share }) => share)).toEqual([0, 0, 0]);
    expect(entryImportance([], 'score')).toEqual([]);
  });

  it('tells a point that leaves an entry to the recipe from one that names it', () => {
    const rows = [
      [{ a: 1 }, 1],
      [{ a: 1 }, 1.1],
      [{}, 2],
      [{}, 2.1],
    ] as const;
    expect(entryImportance(runsOf(rows.map(([point, value]) => [point, 1, value])), 'score')).toMatchObject([
      { entry: 'a', groups: 2, share: expect.closeTo(0.985, 2) },
    ]);
  });
});
