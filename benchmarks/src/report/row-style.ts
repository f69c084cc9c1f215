import type { SuiteResult } from '../suites/suite-result.ts';
import type { RowSummary } from '../suites/summary.ts';

/** Mid-tones that are readable on white and on near-black. */
const colors = ['#8b929c', '#4f9fe0', '#27ae94', '#dca02c', '#e0533d', '#a374d6', '#d2679f', '#86a83a', '#5f7fd0'];
const dashes = ['solid', 'dashed', 'dotted'] as const;

/** The colour of a row. @param place position of the row in its suite */
export function rowColor(place: number): string {
  return colors[place % colors.length];
}

/** The line style of a row. After all colours are used once, they repeat with dashed lines. */
export function lineOf(place: number): object {
  const type = dashes[Math.floor(place / colors.length) % dashes.length];
  return { lineStyle: { width: 1.8, type, color: rowColor(place) }, itemStyle: { color: rowColor(place) } };
}

/** The position of a row in its suite. */
export function placeOf({ suite }: SuiteResult, { row }: Pick<RowSummary, 'row'>): number {
  return Object.keys(suite.rows).indexOf(row);
}

/** Splits rows into groups that fit into one chart each. */
export function portions<T>(rows: readonly T[], size = 9): T[][] {
  const count = Math.ceil(rows.length / size);
  const each = Math.ceil(rows.length / count);
  return Array.from({ length: count }, (_, i) => rows.slice(i * each, (i + 1) * each));
}
