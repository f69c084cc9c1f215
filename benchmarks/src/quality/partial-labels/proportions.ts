import {
  averagePrecision,
  countPredictions,
  interpolated,
  logitAtLeast,
  meanAveragePrecision,
  type PrecisionRecall,
  precisionRecall,
  type Scores,
} from '@ltml/metrics';

/** How a model does that was trained with some of the labels; fractions. */
export interface ProportionScores extends PrecisionRecall {
  readonly meanAveragePrecision: number;
}

/** A fall of mAP although more labels are known. */
export interface Fall {
  readonly from: number;
  readonly to: number;
  /** mAP lost, a fraction. */
  readonly by: number;
}

/** A method over several proportions of known labels. */
export interface ProportionReport {
  /** By proportion, ascending. */
  readonly rows: readonly (readonly [proportion: number, scores: ProportionScores])[];
  /** Plain means over the proportions, as the papers report them. */
  readonly average: ProportionScores;
  /** Where mAP does not rise with the proportion; empty if it does all the way. */
  readonly falls: readonly Fall[];
}

/** The proportions of the papers' tables. */
export const publishedProportions: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/**
 * The metrics of the literature on partial labels: interpolated mAP, and OP … CF1 at logits from 0.
 *
 * Source: Pu et al. (SARB, AAAI 2022), section 4.1, and their code.
 */
export function proportionScores(scores: Scores): ProportionScores {
  const perClass = averagePrecision(scores, { rule: interpolated, emptyClasses: 'skip' });
  const counts = countPredictions(scores, { decide: logitAtLeast(0) });
  return { meanAveragePrecision: meanAveragePrecision(perClass), ...precisionRecall(counts) };
}

/** @param byProportion test scores of a model for each proportion of known training labels; at least one */
export function proportionReport(byProportion: ReadonlyMap<number, ProportionScores>): ProportionReport {
  const rows = [...byProportion].sort(([a], [b]) => a - b);
  const falls = rows.slice(1).flatMap(([to, scores], i) => {
    const [from, before] = rows[i];
    const by = before.meanAveragePrecision - scores.meanAveragePrecision;
    return by > 0 ? [{ from, to, by }] : [];
  });
  return { rows, average: meanScores(rows.map(([, scores]) => scores)), falls };
}

/** The mean of each metric. */
export function meanScores(scores: readonly ProportionScores[]): ProportionScores {
  const keys = Object.keys(scores[0]) as (keyof ProportionScores)[];
  const mean = (key: keyof ProportionScores): number =>
    scores.reduce((sum, each) => sum + each[key], 0) / scores.length;
  return Object.fromEntries(keys.map((key) => [key, mean(key)])) as unknown as ProportionScores;
}

const columns: readonly (readonly [title: string, key: keyof ProportionScores])[] = [
  ['mAP', 'meanAveragePrecision'],
  ['OP', 'overallPrecision'],
  ['OR', 'overallRecall'],
  ['OF1', 'overallF1'],
  ['CP', 'classPrecision'],
  ['CR', 'classRecall'],
  ['CF1', 'classF1'],
];

/** A table in percent, a line for each proportion and one for the average, and what the check of monotonicity says. */
export function formatProportions({ rows, average, falls }: ProportionReport): string {
  const line = (head: string, cells: readonly string[]): string =>
    head.padEnd(8) + cells.map((cell) => cell.padStart(7)).join('');
  const scores = (each: ProportionScores): string[] => columns.map(([, key]) => (100 * each[key]).toFixed(1));
  return [
    line(
      'known',
      columns.map(([title]) => title),
    ),
    ...rows.map(([proportion, each]) => line(`${Math.round(100 * proportion)} %`, scores(each))),
    line('average', scores(average)),
    falls.length === 0
      ? 'mAP rises with every step of the proportion.'
      : `mAP falls ${falls.map(({ from, to, by }) => `by ${(100 * by).toFixed(1)} from ${Math.round(100 * from)} to ${Math.round(100 * to)} %`).join(', ')}.`,
  ].join('\n');
}
