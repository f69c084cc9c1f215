import type { RunRecord, TrackRecord } from '../quality/record.ts';
import type { TrackResult } from '../quality/suite.ts';
import type { MethodSummary, Spread } from '../quality/summary.ts';
import {
  curvesChart,
  differencesChart,
  heatmapChart,
  incrementsChart,
  methodColor,
  perClassChart,
  seriesChart,
} from './charts.ts';
import { Markup, markup } from './markup.ts';
import { htmlTable, pageStyle } from './page.ts';
import { type Chart, renderSvg } from './svg.ts';

/**
 * The report of a suite as one HTML page: no script, no request, light or dark as the reader's system is.
 *
 * @param runs every run of the tracks
 */
export function renderReport(tracks: readonly TrackResult[], runs: readonly RunRecord[]): string {
  const newest = runs.reduce((latest, run) => (run.date > latest.date ? run : latest));
  const contents = tracks.map(({ track: { key, title, question } }) => {
    return markup`<li><a href="#${key}">${title}</a>: ${question}</li>`;
  });
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>LTML: methods compared</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<main>
<header>
<h1>Methods compared</h1>
<p>Suite “${newest.suite}”, ${runs.length} runs.</p>
<ul>${contents}</ul>
</header>
${tracks.map((result) => renderTrack(result, runs))}
<section>
<h2>Environment</h2>
${environmentTable(newest)}
</section>
</main>
</body>
</html>
`.html;
}

function renderTrack({ track, summaries }: TrackResult, allRuns: readonly RunRecord[]): Markup {
  const { key, title, question, dataset, classes, classCounts, trainImages, testImages, notes, protocol, series } =
    track;
  const runs = allRuns.filter((run) => run.track === key);
  const seeds = new Set(runs.map((run) => run.seed)).size;
  const figure = (chart: Chart, name: string, caption: string): Markup =>
    markup`<h3>${name}</h3><figure>${renderSvg(chart, name)}<figcaption>${caption}</figcaption></figure>\n`;
  const figures: Markup[] = [];
  if (summaries.some(({ difference }) => difference)) {
    figures.push(
      figure(
        differencesChart(track, summaries),
        `Difference to ${track.methods[track.baseline].title}${summaries.some(({ key }) => track.methods[key].against) ? ', or to what is named' : ''}`,
        'Percentage points with 95 % intervals over the test images; difference and both ends averaged over seeds. Grey: the interval holds zero.',
      ),
    );
  }
  if (series) {
    figures.push(figure(seriesChart(track, series, summaries), series.title, 'Mean over seeds.'));
  }
  if (runs.some(({ curve }) => curve.length > 0)) {
    figures.push(
      figure(
        curvesChart(track, runs),
        'Learning curves',
        'On the test images, mean over seeds. No model is chosen by them: the last step counts.',
      ),
    );
  }
  figures.push(
    figure(
      perClassChart(track, summaries),
      'By class',
      'Classes from the most to the least frequent in training; bars: training images, on a logarithmic scale.',
    ),
    figure(
      heatmapChart(track, summaries),
      'Every method and class',
      'Percent, mean over seeds; after the class its training images.',
    ),
  );
  if (summaries.some(({ increments }) => increments)) {
    figures.push(
      figure(
        incrementsChart(track, summaries),
        'What each step of the ladder adds',
        'AP of a class minus that of the step before, percentage points, mean over seeds.',
      ),
    );
  }
  return markup`<section id="${key}">
<h2>${title}</h2>
<p>${question}</p>
<p class="caption">${dataset}: ${trainImages} training and ${testImages} test images, ${classes.length} classes with ${Math.max(...classCounts)} to ${Math.min(...classCounts)} training images; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, protocol ${protocol}.</p>
${resultTable(track, summaries)}
<p class="caption">Percent, mean ± standard deviation over seeds. Head: at least 100 training images, medium: 20 to 99, tail: fewer than 20. Bold: the best mean of a column.</p>
${figures}
<h3>How it was measured</h3>
<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>
${methodTable(track, runs)}
</section>
`;
}

function resultTable({ measures, methods }: TrackRecord, summaries: readonly MethodSummary[]): Markup {
  const best = measures.map(({ key }) => Math.max(...summaries.map(({ measures: own }) => own[key].mean)));
  const cell = ({ mean, deviation }: Spread, isBest: boolean): Markup => {
    const text = (100 * mean).toFixed(1);
    const shown = isBest ? markup`<strong>${text}</strong>` : text;
    return markup`<td>${shown} <small>± ${(100 * deviation).toFixed(1)}</small></td>`;
  };
  const rows = summaries.map(({ key, title, measures: own, seconds }) => {
    const color = methodColor(Object.keys(methods).indexOf(key));
    const cells = measures.map(({ key: name }, i) => cell(own[name], own[name].mean === best[i]));
    return markup`<tr><th scope="row"><i style="background:${color}"></i>${title}</th>${cells}<td>${seconds.mean.toFixed(1)}</td></tr>`;
  });
  return htmlTable(['method', ...measures.map(({ title }) => title), 'seconds a run'], rows, 'result');
}

function methodTable({ methods }: TrackRecord, runs: readonly RunRecord[]): Markup {
  const rows = Object.entries(methods).flatMap(([key, { title, description: text }]) => {
    const run = runs.find((candidate) => candidate.method === key);
    if (!run) return [];
    return markup`<tr><th scope="row">${title}</th><td>${text}</td><td><code>${JSON.stringify(run.settings)}</code></td></tr>`;
  });
  return htmlTable(['method', 'what it is', 'settings'], rows);
}

function environmentTable({ environment, date }: RunRecord): Markup {
  const { engine, node, platform, cpu, threads, versions, commit } = environment;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const entries: readonly (readonly [string, string])[] = [
    ['engine', engine],
    ['processor', `${cpu}, ${threads} threads`],
    ['system', `${platform}, Node ${node}`],
    ['packages', packages.join(', ')],
    ['commit', commit ?? 'unknown'],
    ['newest run', date],
  ];
  return markup`<table>${entries.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;
}
