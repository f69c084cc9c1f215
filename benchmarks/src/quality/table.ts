import { referenceOf } from './differences.ts';
import type { TrackRecord } from './record.ts';
import { byFrequency, type MethodSummary, type Spread } from './summary.ts';
import type { Interval } from './track.ts';

const percent = (value: number): string => (100 * value).toFixed(1);
const signed = (value: number): string => (value < 0 ? '−' : '+') + percent(Math.abs(value));
const withSpread = ({ mean, deviation }: Spread): string => `${percent(mean)} ± ${percent(deviation)}`;

/** The lines of a track's table: its measures in percent, mean ± standard deviation over seeds, and seconds a run. */
export function formatTable({ measures }: TrackRecord, summaries: readonly MethodSummary[]): string[] {
  return align([
    ['method', ...measures.map(({ title }) => title), 'seconds'],
    ...summaries.map(({ title, measures: own, seconds }) => [
      title,
      ...measures.map(({ key }) => withSpread(own[key])),
      seconds.mean.toFixed(1),
    ]),
  ]);
}

/** Differences of the methods, each to what it is compared with, in percentage points with 95 % intervals. */
export function formatDifferences(track: TrackRecord, summaries: readonly MethodSummary[]): string[] {
  const compared = summaries.filter(({ difference }) => difference);
  const measures = track.measures.filter(({ key }) => compared.some(({ difference }) => difference?.[key]));
  const interval = ({ difference, low, high }: Interval): string =>
    `${signed(difference)} [${signed(low)}, ${signed(high)}]`;
  return align([
    ['method', ...measures.map(({ title }) => title)],
    ...compared.map(({ key, title, difference = {} }) => [
      `${title} − ${track.methods[referenceOf(track, key) ?? key].title}`,
      ...measures.map(({ key }) => (difference[key] ? interval(difference[key]) : '')),
    ]),
  ]);
}

/** AP increments of each step of the ladder by class, in percentage points, classes by falling frequency. */
export function formatIncrements({ classes, classCounts }: TrackRecord, summaries: readonly MethodSummary[]): string[] {
  const steps = summaries.filter(({ increments }) => increments);
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
