import { type Chart, htmlPage, htmlTable, type Markup, markup, renderSvg } from '@ltml/report';
import type { RunRecord } from '../suites/run-record.ts';
import type { SuiteResult } from '../suites/suite-result.ts';
import type { Spread } from '../suites/summary.ts';
import { differencesChart, heatmapChart, incrementsChart, perClassChart, rowColor, seriesChart } from './charts.ts';

/**
 * The report of suites as one HTML page.
 *
 * @param suites at least one
 */
export function renderReport(suites: readonly SuiteResult[]): string {
  const runs = suites.flatMap((result) => result.runs);
  const contents = suites.map(({ suite: { name, title, question } }) => {
    return markup`<li><a href="#${name}">${title}</a>: ${question}</li>`;
  });
  const body = markup`<header>
<h1>Methods compared</h1>
<p>${runs.length} runs.</p>
<ul>${contents}</ul>
</header>
${suites.map(renderSuite)}
<section>
<h2>Environment</h2>
${environmentTable(runs)}
</section>`;
  return htmlPage('LTML: methods compared', body);
}

function renderSuite(result: SuiteResult): Markup {
  const { suite, measures, runs, rows } = result;
  const { name, title, question, notes, series, baseline } = suite;
  const [{ recipe, classes, classCounts, trainImages, scores }] = runs;
  const seeds = new Set(runs.map((run) => run.seed)).size;
  const figure = (chart: Chart, heading: string, caption: string): Markup =>
    markup`<h3>${heading}</h3><figure>${renderSvg(chart, heading)}<figcaption>${caption}</figcaption></figure>\n`;
  const figures: Markup[] = [];
  if (rows.some(({ difference }) => difference)) {
    figures.push(
      figure(
        differencesChart(result),
        baseline === undefined
          ? 'Differences'
          : `Differences to ${suite.rows[baseline].title}, unless another row is named`,
        'Percentage points with 95 % intervals over the test images; difference and both ends averaged over seeds. Grey: the interval holds zero.',
      ),
    );
  }
  if (series) figures.push(figure(seriesChart(series, rows), series.title, 'Mean over seeds.'));
  else {
    figures.push(
      figure(
        perClassChart(result),
        'By class',
        'Classes from the most to the least frequent in training; bars: training images, on a logarithmic scale.',
      ),
    );
  }
  figures.push(
    figure(
      heatmapChart(result),
      'Every row and class',
      `${measures.perClassTitle}, percent, mean over seeds; after the class its training images.`,
    ),
  );
  if (rows.some(({ increments }) => increments)) {
    figures.push(
      figure(
        incrementsChart(result),
        'What each step of the ladder adds',
        `${measures.perClassTitle} of a class minus that of the step before, percentage points, mean over seeds.`,
      ),
    );
  }
  return markup`<section id="${name}">
<h2>${title}</h2>
<p>${question}</p>
<p class="caption">${recipe.data.name}: ${trainImages} training and ${scores.rows} test images, ${classes.length} classes with ${Math.max(...classCounts)} to ${Math.min(...classCounts)} training images; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}.</p>
${resultTable(result)}
<p class="caption">Percent, mean ± standard deviation over seeds. Bold: the best mean of a column.</p>
${figures}
<h3>How it was measured</h3>
<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>
${rowTable(result)}
</section>
`;
}

function resultTable({ suite, measures, rows: summaries }: SuiteResult): Markup {
  const names = Object.keys(measures.titles);
  const best = names.map((name) => Math.max(...summaries.map(({ measures: own }) => own[name].mean)));
  const cell = ({ mean, deviation }: Spread, isBest: boolean): Markup => {
    const text = (100 * mean).toFixed(1);
    const shown = isBest ? markup`<strong>${text}</strong>` : text;
    return markup`<td>${shown} <small>± ${(100 * deviation).toFixed(1)}</small></td>`;
  };
  const rows = summaries.map(({ row, title, measures: own, seconds }) => {
    const color = rowColor(Object.keys(suite.rows).indexOf(row));
    const cells = names.map((name, i) => cell(own[name], own[name].mean === best[i]));
    return markup`<tr><th scope="row"><i style="background:${color}"></i>${title}</th>${cells}<td>${seconds.mean.toFixed(1)}</td></tr>`;
  });
  return htmlTable(['row', ...Object.values(measures.titles), 'seconds a run'], rows, 'result');
}

/** What the rows are; the recipe in full is in the run folder. */
function rowTable({ suite, runs }: SuiteResult): Markup {
  const rows = Object.entries(suite.rows).flatMap(([row, { title, description }]) => {
    const run = runs.find((candidate) => candidate.row === row);
    if (!run) return [];
    const { method, loss, sampler, batchSize, steps } = run.recipe;
    const settings = JSON.stringify({ method, loss, sampler, batchSize, ...(steps !== null && { steps }) });
    return markup`<tr><th scope="row">${title}</th><td>${description}</td><td><code>${settings}</code></td></tr>`;
  });
  return htmlTable(['row', 'what it is', 'settings'], rows);
}

/** Where the newest run was computed; engines of all runs. */
function environmentTable(runs: readonly RunRecord[]): Markup {
  const { environment } = runs.reduce((newest, run) =>
    run.environment.started > newest.environment.started ? run : newest,
  );
  const { started, node, system, cpu, threads, versions } = environment;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const entries: readonly (readonly [string, string])[] = [
    ['engine', [...new Set(runs.map((run) => run.environment.backend))].join(', ')],
    ['processor', `${cpu}, ${threads} threads`],
    ['system', `${system}, Node ${node}`],
    ['packages', packages.join(', ')],
    ['newest run', started],
  ];
  return markup`<table>${entries.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;
}
