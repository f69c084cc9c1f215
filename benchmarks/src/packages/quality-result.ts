import { verdictOf } from '../report/verdict.ts';
import { correctedPValues } from '../suites/corrected.ts';
import type { Spread } from '../suites/spread.ts';
import { referenceOf } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';
import type { QualityResult } from './package-result.ts';
import type { Stamp } from './stamp.ts';

/** The stored result of a suite: numbers for each row, without scores of single images. */
export function qualityResult(result: SuiteResult, collection: string, stamp: Stamp): QualityResult {
  const { suite, measures, runs, rows } = result;
  const corrected = correctedPValues(rows);
  return {
    stamp,
    suite: `${collection}/${suite.name}`,
    title: suite.title,
    question: suite.question,
    measures: { ...measures.titles },
    rows: Object.fromEntries(
      rows.map(({ row, title, measures: own, seconds, difference = {} }) => {
        const against = referenceOf(suite, row);
        const differences = Object.entries(difference).map(([measure, interval]) => [
          measure,
          {
            against: suite.rows[against ?? row].title,
            difference: rounded(interval.difference),
            low: rounded(interval.low),
            high: rounded(interval.high),
            p: rounded(corrected[row][measure]),
          },
        ]);
        const seeds = runs.filter((run) => run.row === row).map(({ seed }) => seed);
        return [
          row,
          {
            title,
            seeds,
            measures: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, roundedSpread(value)])),
            differences: Object.fromEntries(differences),
            seconds: roundedSpread(seconds),
          },
        ];
      }),
    ),
    verdict: verdictOf(result),
  };
}

function roundedSpread({ mean, deviation }: Spread): { mean: number | null; deviation: number | null } {
  return { mean: rounded(mean), deviation: rounded(deviation) };
}

/** Rounds to one digit more than is printed; null for NaN and infinity, which JSON does not have. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1e5) / 1e5 : null;
}
