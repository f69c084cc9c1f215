import { basename } from 'node:path';
import type { BootstrapInterval } from '@ltml/metrics';
import {
  type EntryImportance,
  entryImportance,
  type Manifest,
  type PointScores,
  type SweepScores,
  summarizePoints,
} from '@ltml/recipes/node';
import { htmlPage, htmlRow, htmlTable, type Markup, markup, renderSvg } from '@ltml/report';
import { differenceTo } from './differences.ts';
import { settingText, shortNames } from './entry-names.ts';
import { importanceChart } from './importance-chart.ts';
import { parallelChart } from './parallel-chart.ts';

/** Limits that keep the page readable. */
const most = { compared: 10, rows: 200, lines: 500 };

/**
 * The page of a sweep: parallel coordinates, the importance of each entry on the validation images, and a table of
 * points, best first, with paired differences of the test images from the best point.
 *
 * @param onProgress called with the fraction of the comparisons that is done
 */
export function sweepPage(
  sweep: Manifest,
  runs: readonly SweepScores[],
  onProgress: (done: number) => void = () => {},
): string {
  const measure = validationMeasure(runs);
  const title = `Sweep of ${basename(sweep.recipe)}`;
  const done = runs.filter(({ pruned }) => !pruned).length;
  const pruned = runs.length - done;
  const body = markup`<header>
<h1>${title}</h1>
<p>${done} of ${sweep.runs.length} runs are done${pruned > 0 ? `, ${pruned} were pruned` : ''}.</p>
</header>
${measure === undefined ? markup`<p>The runs share no validation measure, so settings can't be ranked.</p>` : charts(runs, measure)}
<h2>Points</h2>
${pointsTable(sweep, runs, measure, onProgress)}`;
  return htmlPage(title, body);
}

/** The measure that orders the points; never one of test images. Undefined if the runs share none. */
function validationMeasure(runs: readonly SweepScores[]): string | undefined {
  const done = runs.filter(({ pruned }) => !pruned);
  const names = Object.keys(done[0]?.measures ?? {}).filter((name) => name.startsWith('validation.'));
  const common = names.filter((name) => done.every(({ measures }) => name in measures));
  return ['validation.best', 'validation.mAP'].find((name) => common.includes(name)) ?? common[0];
}

function charts(runs: readonly SweepScores[], measure: string): Markup {
  const importance = entryImportance(runs, measure);
  const varying = varyingEntries(runs);
  const better = [...runs].sort((a, b) => (b.measures[measure] ?? -1) - (a.measures[measure] ?? -1));
  const lines = better.slice(0, most.lines).map(({ run, measures, pruned }) => ({
    settings: varying.map((entry) => (entry === 'seed' ? run.seed : run.point[entry])),
    value: pruned ? null : measures[measure],
  }));
  const cut = runs.length > most.lines ? ` The best ${most.lines} of ${runs.length} runs.` : '';
  const prunedText = lines.some(({ value }) => value === null)
    ? ' A dashed line is a run that was pruned; it ends at the last entry.'
    : '';
  const coordinates = markup`<h2>Settings and ${measure}</h2>
<figure tabindex="0" role="region" aria-label="parallel coordinates">${renderSvg(parallelChart(varying, measure, lines), `Parallel coordinates of the runs, the last axis ${measure}`)}<figcaption>A line is a run: the bluer, the better.${prunedText}${cut}</figcaption></figure>`;
  return markup`${varying.length > 0 ? coordinates : markup``}
${importanceSection(importance, measure)}`;
}

function importanceSection(importance: readonly EntryImportance[], measure: string): Markup {
  if (importance.length === 0) return markup``;
  const known = importance.filter(({ share }) => share !== null);
  const unknown = importance.filter(({ share }) => share === null).map(({ entry }) => entry);
  const bars =
    known.length > 0
      ? markup`<figure tabindex="0" role="region" aria-label="importance">${renderSvg(importanceChart(importance), `Share of the variance of ${measure} that each entry explains`)}<figcaption>Share of the variance of ${measure} that each entry explains by itself (ε² of a one-way analysis of variance; many numbers are cut into four ranges). Effects of several entries together are not included.</figcaption></figure>`
      : markup``;
  const rest =
    unknown.length > 0
      ? markup`<p class="caption">Each value of ${unknown.join(', ')} has only one run, so its effect can't be told from chance. Run more seeds.</p>`
      : markup``;
  return markup`<h2>Importance of the settings</h2>
${bars}${rest}`;
}

function varyingEntries(runs: readonly SweepScores[]): string[] {
  const entries = [...new Set(runs.flatMap(({ run }) => Object.keys(run.point)))];
  const varies = (values: readonly unknown[]): boolean =>
    new Set(values.map((value) => JSON.stringify(value))).size > 1;
  const points = entries.filter((entry) => varies(runs.map(({ run }) => run.point[entry])));
  return varies(runs.map(({ run }) => run.seed)) ? [...points, 'seed'] : points;
}

function pointsTable(
  sweep: Manifest,
  runs: readonly SweepScores[],
  measure: string | undefined,
  onProgress: (done: number) => void,
): Markup {
  const meanOf = ({ measures }: PointScores): number =>
    (measure === undefined ? undefined : measures[measure]?.mean) ?? Number.NEGATIVE_INFINITY;
  const points = [...summarizePoints(runs)].sort(
    (a, b) => Number(meanOf(b) > meanOf(a)) - Number(meanOf(a) > meanOf(b)),
  );
  const entries = [...new Set(points.flatMap(({ point }) => Object.keys(point)))];
  const measures = ['mAP.total', ...(measure === undefined ? [] : [measure])].reverse();
  const shown = points.slice(0, most.rows);
  const compared = measure === undefined ? 0 : Math.min(most.compared, shown.length);
  const rows = shown.map((summary, place) => {
    const difference = place > 0 && place < compared ? differenceOf(sweep, runs, points[0], summary) : undefined;
    if (place < compared) onProgress((place + 1) / compared);
    return htmlRow([
      String(place + 1),
      ...entries.map((entry) => settingText(summary.point[entry])),
      summary.pruned > 0 ? `${summary.seeds} and ${summary.pruned} pruned` : String(summary.seeds),
      ...measures.map((name) => spreadText(summary.measures[name])),
      place === 0 ? '' : intervalText(difference),
    ]);
  });
  const head = ['place', ...shortNames(entries), 'seeds', ...measures, 'difference of mAP.total'];
  const cut = points.length > shown.length ? ` The first ${shown.length} of ${points.length} points.` : '';
  const order =
    measure === undefined
      ? 'In the order of the sweep.'
      : `By ${measure}, best first; test images are not used to order points. Differences are to the first point, with 95 % intervals over the test images, paired by seed, for the first ${most.compared} points. If an interval contains 0, the difference may be chance.`;
  const few = runs.some(({ pruned }) => pruned)
    ? ' A point with a pruned run has no mean: the remaining runs would make it look too good.'
    : '';
  return markup`${htmlTable(head, rows, 'result')}
<p class="caption">Mean ± standard deviation over seeds. ${order}${few}${cut}</p>`;
}

function differenceOf(
  sweep: Manifest,
  runs: readonly SweepScores[],
  first: PointScores,
  { point, pruned }: PointScores,
): BootstrapInterval | undefined {
  if (pruned > 0 || first.pruned > 0) return undefined;
  const runsAt = (wanted: PointScores['point']) =>
    runs.map(({ run }) => run).filter((run) => JSON.stringify(run.point) === JSON.stringify(wanted));
  return differenceTo(sweep, runsAt(first.point), runsAt(point));
}

function spreadText(spread: { readonly mean: number; readonly deviation: number } | undefined): string {
  return spread ? `${spread.mean.toFixed(4)} ± ${spread.deviation.toFixed(4)}` : '–';
}

function intervalText(interval: BootstrapInterval | undefined): string {
  if (!interval || Number.isNaN(interval.difference)) return '–';
  const [difference, low, high] = [interval.difference, interval.low, interval.high].map((value) => value.toFixed(4));
  return `${difference} (${low} to ${high})`;
}
