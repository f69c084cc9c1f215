import { holm, pValueOfInterval } from '@ltml/metrics';
import type { RowSummary } from './summary.ts';

/** A difference with a corrected p value of at most this is significant. */
export const significance = 0.05;

/** p values of all differences of a suite by row and measure, corrected for their number with Holm's method. */
export type CorrectedPValues = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function correctedPValues(rows: readonly RowSummary[]): CorrectedPValues {
  const all = rows.flatMap(({ row, difference = {} }) =>
    Object.entries(difference).map(([measure, interval]) => ({ row, measure, p: pValueOfInterval(interval) })),
  );
  const corrected = holm(all.map(({ p }) => p));
  const byRow: Record<string, Record<string, number>> = {};
  for (const [i, { row, measure }] of all.entries()) {
    byRow[row] ??= {};
    byRow[row][measure] = corrected[i];
  }
  return byRow;
}
