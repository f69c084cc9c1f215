import { type Chart, htmlPage, type Markup, markup, renderSvg, sortScript } from '@ltml/report';
import type { SuiteResult } from '../suites/suite-result.ts';
import { differencesChart } from './charts/differences.ts';
import { heatmapChart } from './charts/heatmap.ts';
import { incrementsChart } from './charts/increments.ts';
import { hasCurve, learningChart } from './charts/learning.ts';
import { perClassChart } from './charts/per-class.ts';
import { seenUnseenChart } from './charts/seen-unseen.ts';
import { seriesChart } from './charts/series.ts';
import { environmentTable } from './environment-table.ts';
import { matrixTable } from './matrix-table.ts';
import { resultTable } from './result-table.ts';
import { portions } from './row-style.ts';
import { scenesSection } from './scenes.ts';
import { settingsSection } from './settings-table.ts';
import { verdictOf } from './verdict.ts';

/**
 * Renders the report of suites as one HTML page.
 *
 * @param suites at least one
 */
export async function renderReport(suites: readonly SuiteResult[]): Promise<string> {
  const runs = suites.flatMap((result) => result.runs);
  const newest =
    runs
      .map(({ environment }) => environment.started)
      .sort()
      .at(-1) ?? '';
  const verdicts = suites.map((result) => {
    const { name, title, question } = result.suite;
    const sentences = verdictOf(result).map((sentence) => markup`<li>${sentence}</li>`);
    return markup`<h2><a href="#${name}">${title}</a></h2><p>${question}</p><ul>${sentences}</ul>`;
  });
  const sections: Markup[] = [];
  for (const result of suites) sections.push(await renderSuite(result));
  const body = markup`<header>
<h1>Methods compared</h1>
<p>${runs.length} runs, the newest of ${newest.slice(0, 10)}. Made of their run folders by <code>ltml report</code>.</p>
</header>
<section class="verdict" aria-label="Results in words">${verdicts}
<p class="caption">Differences in percentage points with 95 % intervals over the test images. “Ahead” and “behind” mean: the difference is significant after the correction for all comparisons of a suite.</p>
</section>
${sections}
<section>
<h2 id="environment">Environment</h2>
${environmentTable(runs)}
</section>
${sortScript}`;
  return htmlPage('LTML: methods compared', body, reportStyle);
}

async function renderSuite(result: SuiteResult): Promise<Markup> {
  const { suite, runs } = result;
  const { name, title, question, notes } = suite;
  const [{ recipe, classes, classCounts, trainImages, scores }] = runs;
  const seeds = new Set(runs.map((run) => run.seed)).size;
  const scenes = await scenesSection(result);
  return markup`<section id="${name}">
<h2>${title}</h2>
<p>${question}</p>
<p class="caption">${recipe.data.name}: ${trainImages} training and ${scores.rows} test images, ${classes.length} classes with ${Math.max(...classCounts)} to ${Math.min(...classCounts)} training images; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}.</p>
${resultTable(result)}
<p class="caption">Percent, mean ± standard deviation over seeds. Bold: the best mean of a column. Seconds: training time, and its ratio to the row compared with. Click on the head of a column to sort.</p>
${scenes ? markup`<h3>Test images</h3>${scenes}` : markup``}
${suite.matrix ? markup`<h3>${suite.matrix.title}</h3>${matrixTable(result)}` : markup``}
${figuresOf(result)}
<h3>How it was measured</h3>
<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>
<h3>The rows, and how to run one again</h3>
${settingsSection(result)}
</section>
`;
}

function figuresOf(result: SuiteResult): Markup[] {
  const { suite, measures, runs, rows } = result;
  const figures: Markup[] = [];
  const add = (chart: Chart, heading: string, caption: string): void => {
    const region = markup`<figure tabindex="0" role="group" aria-label="${heading}">${renderSvg(chart, heading)}<figcaption>${caption}</figcaption></figure>`;
    figures.push(markup`<h3>${heading}</h3>${region}\n`);
  };
  /** Splits rows into groups of one figure each, so that every row is shown. */
  const addInPortions = (
    chosen: typeof rows,
    heading: string,
    caption: string,
    draw: (own: typeof rows) => Chart,
  ): void => {
    if (chosen.length === 0) return;
    const parts = portions(chosen);
    for (const [i, own] of parts.entries()) {
      add(draw(own), parts.length === 1 ? heading : `${heading}, ${i + 1} of ${parts.length}`, caption);
    }
  };
  if (rows.some(({ difference }) => difference)) {
    add(
      differencesChart(result),
      'Differences',
      'Percentage points with 95 % intervals over the test images; difference and both ends averaged over seeds. Green disc: ahead after the correction for all comparisons of the suite; red diamond: behind; grey ring: not significant.',
    );
  }
  if (suite.series) add(seriesChart(result), suite.series.title, 'Mean over seeds.');
  if (runs[0].classCounts.includes(0)) {
    add(
      seenUnseenChart(result),
      'Seen and unseen classes',
      'Among all classes; an unseen class is in no training image.',
    );
  }
  if (!suite.series && !suite.matrix) {
    addInPortions(
      rows,
      'By class',
      'Classes from the most to the least frequent in training; bars: training images, on a logarithmic scale.',
      (own) => perClassChart(result, own),
    );
  }
  add(
    heatmapChart(result),
    'Every row and class',
    `${measures.perClassTitle}, percent, mean over seeds. The number after a class counts its training images.`,
  );
  if (rows.some(({ increments }) => increments)) {
    add(
      incrementsChart(result),
      'What each step of the ladder adds',
      `${measures.perClassTitle} of a class minus that of the previous step, percentage points, mean over seeds.`,
    );
  }
  addInPortions(
    rows.filter((row) => hasCurve(result, row)),
    'Learning curves',
    'Training loss, mean over seeds. Different losses have no common unit, so each starts at 1.',
    (own) => learningChart(result, own),
  );
  return figures;
}

const reportStyle = `
.verdict h2 { font-size: 18px; margin: 28px 0 4px; }
.verdict p { margin: 0 0 4px; }
.verdict li { margin: 2px 0; }
.scenes { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 18px; }
.scenes figure { overflow: visible; }
.scenes img { display: block; border-radius: 4px; margin-bottom: 6px; }
.scenes dl { margin: 4px 0 0; }
.scenes dt { font-size: 12px; }
.scenes dd { margin: 0 0 4px; color: var(--ink); font-size: 12px; }
.scenes dd > span { white-space: nowrap; margin-right: 6px; }
.look { position: relative; display: inline-block; width: 62px; height: 62px; overflow: hidden; border-radius: 3px; }
.scenes .look img { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; }
.matrix td { white-space: normal; min-width: 5em; }
tr:target { outline: 2px solid #4f9fe0; }
`;
