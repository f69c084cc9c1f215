import type { SuiteResult } from '../suites/suite-result.ts';
import type { RowSummary } from '../suites/summary.ts';

/** Mid-tones: each reads on white and on near-black. */
const colors = ['#8b929c', '#4f9fe0', '#27ae94', '#dca02c', '#e0533d', '#a374d6', '#d2679f', '#86a83a', '#5f7fd0'];
const dashes = ['solid', 'dashed', 'dotted'] as const;

/** The colour of the row at a place of its suite. */
export function rowColor(place: number): string {
  return colors[place % colors.length];
}

/** How the line of a row is drawn: when the colours are used up they come again, dashed. */
export function lineOf(place: number): object {
  const type = dashes[Math.floor(place / colors.length) % dashes.length];
  return { lineStyle: { width: 1.8, type, color: rowColor(place) }, itemStyle: { color: rowColor(place) } };
}

/** The place of a row in its suite. */
export function placeOf({ suite }: SuiteResult, { row }: Pick<RowSummary, 'row'>): number {
  return Object.keys(suite.rows).indexOf(row);
}

/** Rows in portions that one chart can show. */
export function portions<T>(rows: readonly T[], size = 9): T[][] {
  const count = Math.ceil(rows.length / size);
  const each = Math.ceil(rows.length / count);
  return Array.from({ length: count }, (_, i) => rows.slice(i * each, (i + 1) * each));
}
