import { expect, it } from 'vitest';
import { verdictOf } from '../src/report/verdict.ts';
import { measures } from '../src/suites/measures/measures.ts';
import type { Suite } from '../src/suites/suite.ts';
import type { SuiteResult } from '../src/suites/suite-result.ts';
import type { RowSummary } from '../src/suites/summary.ts';

const spread = (mean: number) => ({ mean, deviation: 0 });

/** A row with one mAP, and how far that is from another row's. */
function summary(
  row: string,
  mAP: number,
  difference?: readonly [low: number, difference: number, high: number],
): RowSummary {
  const [low, middle, high] = difference ?? [];
  return {
    row,
    title: row.toUpperCase(),
    runs: 1,
    measures: Object.fromEntries(['total', 'head', 'medium', 'tail'].map((name) => [name, spread(mAP)])),
    seconds: spread(1),
    perClass: [mAP],
    difference: difference && { total: { low: low ?? 0, difference: middle ?? 0, high: high ?? 0 } },
  };
}

function result(
  rows: readonly RowSummary[],
  more: Partial<Suite> = {},
  seeds: readonly number[] = [1, 2],
): SuiteResult {
  const entries = rows.map(({ row, title }) => [row, { recipe: `${row}.yaml`, title, description: '' }]);
  const suite = {
    name: 's',
    seeds,
    rows: Object.fromEntries(entries),
    refused: {},
    baseline: 'bce',
    ...more,
  } as unknown as Suite;
  const runs = seeds.map((seed) => ({ seed })) as unknown as SuiteResult['runs'];
  return { suite, measures: measures['average-precision'], runs, rows };
}

it('says which rows are best, ahead, behind or not significantly different', () => {
  const rows = [
    summary('bce', 0.5),
    summary('db', 0.6, [0.08, 0.1, 0.12]),
    summary('asl', 0.4, [-0.12, -0.1, -0.08]),
    summary('focal', 0.51, [-0.02, 0.01, 0.04]),
  ];
  expect(verdictOf(result(rows))).toEqual([
    'Highest mAP total: DB, 60.0 %.',
    'Ahead of BCE in mAP total: DB +10.0 [+8.0, +12.0].',
    'Behind BCE in mAP total: ASL −10.0 [−12.0, −8.0].',
    'No significant difference to BCE in mAP total: FOCAL +1.0 [−2.0, +4.0].',
    '3 differences of this suite, Holm’s correction at 5 %.',
  ]);
});

it('takes back a difference that only many comparisons brought about', () => {
  // Its interval is just off zero: p = 0.04 alone, 0.4 as one of ten.
  const close = summary('x', 0.52, [0.0005, 0.02, 0.0395]);
  expect(verdictOf(result([summary('bce', 0.5), close]))[1]).toMatch(/^Ahead of BCE/);
  const others = Array.from({ length: 9 }, (_, i) => summary(`o${i}`, 0.5, [-0.02, 0, 0.02]));
  expect(verdictOf(result([summary('bce', 0.5), close, ...others]))[1]).toMatch(
    /^No significant difference to BCE.*: X \+2\.0/,
  );
});

it('says of one seed what its intervals leave out, and nothing of differences where there are none', () => {
  const rows = [summary('bce', 0.5), summary('db', 0.6, [0.08, 0.1, 0.12])];
  expect(verdictOf(result(rows, {}, [1])).at(-1)).toMatch(/One seed/);
  expect(verdictOf(result([summary('bce', 0.5)]))).toEqual(['Highest mAP total: BCE, 50.0 %.']);
});

it('tells a series by lines, with the points where one is ahead', () => {
  const rows = [
    summary('a-10', 0.5),
    summary('b-10', 0.6, [0.08, 0.1, 0.12]),
    summary('a-50', 0.7),
    summary('b-50', 0.68, [-0.04, -0.02, 0.0]),
  ];
  const against = { 'b-10': 'a-10', 'b-50': 'a-50' } as const;
  const { suite, ...rest } = result(rows, { baseline: undefined });
  const entries = Object.entries(suite.rows).map(([row, entry]) => [
    row,
    { ...entry, against: against[row as keyof typeof against] },
  ]);
  const series = {
    title: 'T',
    axis: 'known, %',
    measure: 'total',
    lines: { A: { 10: 'a-10', 50: 'a-50' }, B: { 10: 'b-10', 50: 'b-50' } },
  };
  const told = verdictOf({ ...rest, suite: { ...suite, rows: Object.fromEntries(entries), series } });
  expect(told[1]).toBe('B − A: +4.0 in the mean of 2 points (known, %); ahead at 10; no significant difference at 50.');
});
