import { verdictOf } from '../report/verdict.ts';
import type { Interval } from './measures/measure.ts';
import { mean, type Spread } from './spread.ts';
import { referenceOf, type SuiteSeries } from './suite.ts';
import type { SuiteResult } from './suite-result.ts';
import { byFrequency, type RowSummary } from './summary.ts';

const percent = (value: number): string => (100 * value).toFixed(1);
const signed = (value: number): string => (value < 0 ? '−' : '+') + percent(Math.abs(value));
const withSpread = ({ mean: center, deviation }: Spread): string => `${percent(center)} ± ${percent(deviation)}`;

/** The tables of a suite as text, each below its title. Tables without a number are left out. */
export function formatSuite(result: SuiteResult): string[] {
  const { suite, measures, rows } = result;
  const { series } = suite;
  const parts: [title: string, table: string[]][] = [[`${suite.title}. ${suite.question}`, formatTable(result)]];
  if (series) parts.push([`${series.title}, ${series.axis}, percent:`, formatSeries(series, rows)]);
  if (rows.some(({ difference }) => difference)) {
    const title = 'Differences in percentage points with 95 % intervals over the test images:';
    parts.push([title, formatDifferences(result)]);
  }
  if (rows.some(({ increments }) => increments)) {
    const title = `${measures.perClassTitle} gain of each step of the ladder, percentage points, classes from frequent to rare:`;
    parts.push([title, formatIncrements(result)]);
  }
  parts.push(['In words:', verdictOf(result)]);
  return parts.flatMap(([title, table]) => ['', title, '', ...table]);
}

/** Measures in percent, as mean ± standard deviation over seeds, and seconds per run. */
function formatTable({ measures, rows }: SuiteResult): string[] {
  const names = Object.keys(measures.titles);
  return align([
    ['row', ...Object.values(measures.titles), 'seconds'],
    ...rows.map(({ title, measures: own, seconds }) => [
      title,
      ...names.map((name) => withSpread(own[name])),
      seconds.mean.toFixed(1),
    ]),
  ]);
}

/** A measure by line and varied number, with the mean of each line. */
function formatSeries({ measure, lines }: SuiteSeries, rows: readonly RowSummary[]): string[] {
  const points = [...new Set(Object.values(lines).flatMap((line) => Object.keys(line)))];
  const meanOf = (row: string | undefined): number =>
    rows.find((summary) => summary.row === row)?.measures[measure].mean ?? Number.NaN;
  return align([
    ['', ...points, 'mean'],
    ...Object.entries(lines).map(([line, at]) => {
      const values = points.map((point) => meanOf(at[point]));
      return [line, ...[...values, mean(values)].map((value) => (Number.isNaN(value) ? '–' : percent(value)))];
    }),
  ]);
}

/** The difference of each row to the row that it is compared with. */
function formatDifferences({ suite, measures, rows }: SuiteResult): string[] {
  const compared = rows.filter(({ difference }) => difference);
  const names = Object.keys(measures.titles).filter((name) => compared.some(({ difference }) => difference?.[name]));
  const interval = ({ difference, low, high }: Interval): string =>
    `${signed(difference)} [${signed(low)}, ${signed(high)}]`;
  return align([
    ['row', ...names.map((name) => measures.titles[name])],
    ...compared.map(({ row, title, difference = {} }) => [
      `${title} − ${suite.rows[referenceOf(suite, row) ?? row].title}`,
      ...names.map((name) => (difference[name] ? interval(difference[name]) : '')),
    ]),
  ]);
}

/** The gain of each step of the ladder for each class, from frequent to rare classes. */
function formatIncrements({ runs: [{ classes, classCounts }], rows }: SuiteResult): string[] {
  const steps = rows.filter(({ increments }) => increments);
  return align([
    ['class', 'images', ...steps.map(({ title }) => title)],
    ...byFrequency(classCounts).map((c) => [
      classes[c],
      String(classCounts[c]),
      ...steps.map(({ increments }) => signed(increments?.[c] ?? 0)),
    ]),
  ]);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
}
