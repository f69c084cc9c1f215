import { correctedPValues, significance } from '../suites/corrected.ts';
import type { Interval } from '../suites/measures/measure.ts';
import { mean } from '../suites/spread.ts';
import { referenceOf, type SuiteSeries } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';
import type { RowSummary } from '../suites/summary.ts';

const percent = (value: number): string => (100 * value).toFixed(1);
const signed = (value: number): string => (value < 0 ? '−' : '+') + percent(Math.abs(value));

/** A difference between two rows, and whether it is significant after the correction. */
interface Comparison {
  readonly row: string;
  readonly reference: string;
  readonly interval: Interval;
  readonly counts: boolean;
}

/**
 * The result of a suite in sentences: the best row by the headline measure, then each difference in that measure. A row
 * is called ahead or behind only if the corrected p value is at most 5 %.
 */
export function verdictOf(result: SuiteResult): string[] {
  const { suite, measures, rows } = result;
  const measure = suite.headline ?? Object.keys(measures.titles)[0];
  const title = measures.titles[measure];
  const comparisons = comparisonsOf(result, measure);
  const sentences = [
    bestSentence(rows, measure, title),
    ...(suite.series
      ? seriesSentences(result, suite.series, comparisons, measure)
      : Object.entries(groupBy(comparisons, ({ reference }) => reference)).flatMap(([reference, own]) =>
          sentencesAgainst(result, reference, own, title),
        )),
  ];
  if (comparisons.length === 0) return sentences;
  const seeds = new Set(result.runs.map(({ seed }) => seed)).size;
  const made = Object.values(correctedPValues(rows))
    .flatMap(Object.values)
    .filter((p) => !Number.isNaN(p)).length;
  const caution = seeds === 1 ? ' One seed only: the intervals do not include the variation between seeds.' : '';
  return [...sentences, `${count(made, 'difference')} of this suite, Holm’s correction at 5 %.${caution}`];
}

function comparisonsOf({ suite, rows }: SuiteResult, measure: string): Comparison[] {
  const corrected = correctedPValues(rows);
  return rows.flatMap(({ row, difference }) => {
    const interval = difference?.[measure];
    const reference = referenceOf(suite, row);
    if (!interval || reference === undefined || Number.isNaN(interval.difference)) return [];
    return [{ row, reference, interval, counts: corrected[row][measure] <= significance }];
  });
}

function bestSentence(rows: readonly RowSummary[], measure: string, title: string): string {
  const value = ({ measures }: RowSummary): number => measures[measure].mean;
  const best = rows.filter((row) => !Number.isNaN(value(row))).sort((a, b) => value(b) - value(a));
  return best.length === 0
    ? `No row has a ${title}.`
    : `Highest ${title}: ${best[0].title}, ${percent(value(best[0]))} %.`;
}

function sentencesAgainst(
  { suite }: SuiteResult,
  reference: string,
  comparisons: readonly Comparison[],
  measure: string,
): string[] {
  const name = (row: string): string => suite.rows[row].title.replace(/^\+ /, '');
  const told = ({ row, interval: { difference, low, high } }: Comparison): string =>
    `${name(row)} ${signed(difference)} [${signed(low)}, ${signed(high)}]`;
  const ahead = comparisons.filter(({ counts, interval }) => counts && interval.difference > 0);
  const behind = comparisons.filter(({ counts, interval }) => counts && interval.difference <= 0);
  const neither = comparisons.filter(({ counts }) => !counts);
  const against = `${name(reference)} in ${measure}`;
  return [
    ...(ahead.length > 0 ? [`Ahead of ${against}: ${ahead.map(told).join('; ')}.`] : []),
    ...(behind.length > 0 ? [`Behind ${against}: ${behind.map(told).join('; ')}.`] : []),
    ...(neither.length > 0 ? [`No significant difference to ${against}: ${neither.map(told).join('; ')}.`] : []),
  ];
}

/** For each line of a series, a sentence that compares it point by point with its reference line. */
function seriesSentences(
  { rows }: SuiteResult,
  { lines, axis }: SuiteSeries,
  comparisons: readonly Comparison[],
  measure: string,
): string[] {
  const placeOf = new Map(
    Object.entries(lines).flatMap(([line, at]) =>
      Object.entries(at).map(([point, row]) => [row, { line, point }] as const),
    ),
  );
  const value = (row: string): number =>
    rows.find((summary) => summary.row === row)?.measures[measure].mean ?? Number.NaN;
  const byPair = groupBy(
    comparisons,
    ({ row, reference }) => `${placeOf.get(row)?.line} − ${placeOf.get(reference)?.line}`,
  );
  return Object.entries(byPair).map(([pair, own]) => {
    const gain = mean(own.map(({ row, reference }) => value(row) - value(reference)));
    const at = (chosen: readonly Comparison[]): string => chosen.map(({ row }) => placeOf.get(row)?.point).join(', ');
    const parts = {
      'ahead at': own.filter(({ counts, interval }) => counts && interval.difference > 0),
      'behind at': own.filter(({ counts, interval }) => counts && interval.difference <= 0),
      'no significant difference at': own.filter(({ counts }) => !counts),
    };
    const told = Object.entries(parts).flatMap(([word, chosen]) =>
      chosen.length > 0 ? [`${word} ${at(chosen)}`] : [],
    );
    return `${pair}: ${signed(gain)} in the mean of ${count(own.length, 'point')} (${axis}); ${told.join('; ')}.`;
  });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, T[]> {
  const groups: Record<string, T[]> = {};
  for (const item of items) {
    const key = keyOf(item);
    groups[key] ??= [];
    groups[key].push(item);
  }
  return groups;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
