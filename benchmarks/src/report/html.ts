import { groupNames, type RunRecord, type SuiteDescription } from '../quality/record.ts';
import type { MethodSummary, Spread } from '../quality/summary.ts';
import { curvesChart, differencesChart, heatmapChart, incrementsChart, methodColor, perClassChart } from './charts.ts';
import { type Chart, renderSvg } from './svg.ts';

/**
 * The report of a suite as one HTML page: no script, no request, light or dark as the reader's system is.
 *
 * @param runs every run of the summaries
 */
export function renderReport(
  description: SuiteDescription,
  summaries: readonly MethodSummary[],
  runs: readonly RunRecord[],
): string {
  const newest = runs.reduce((latest, run) => (run.date > latest.date ? run : latest));
  const { dataset, classes, trainImages, testImages, notes } = description;
  const seeds = new Set(runs.map((run) => run.seed)).size;
  const figure = (chart: Chart, title: string, caption: string): string =>
    `<section><h2>${escapeHtml(title)}</h2><figure>${renderSvg(chart, escapeHtml(title))}<figcaption>${escapeHtml(caption)}</figcaption></figure></section>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>LTML: losses under a long tail</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>Losses under a long tail</h1>
<p>${escapeHtml(dataset)}: ${trainImages} training and ${testImages} test images, ${classes.length} classes with ${Math.max(...description.classCounts)} to ${Math.min(...description.classCounts)} training images. ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, suite “${escapeHtml(description.suite)}”, protocol ${escapeHtml(description.protocol)}.</p>
</header>
<section>
<h2>Result</h2>
${resultTable(description, summaries)}
<p class="caption">mAP in percent, mean ± standard deviation over seeds; head: at least 100 training images, medium: 20 to 99, tail: fewer than 20. Bold: the best mean of a column.</p>
</section>
${figure(differencesChart(summaries), `Difference to ${titleOf(description, description.baseline)}`, 'Percentage points of mAP with 95 % intervals of a paired bootstrap over the test images; difference and both ends averaged over seeds. Grey: the interval holds zero.')}
${figure(curvesChart(description, runs), 'Learning curves', 'On the test images, mean over seeds. No model is chosen by them: the last step counts.')}
${figure(perClassChart(description, summaries), 'AP by class along the ladder', 'Classes from the most to the least frequent in training; bars: training images, on a logarithmic scale.')}
${figure(heatmapChart(description, summaries), 'AP of every method and class', 'Percent, mean over seeds; after the class its training images.')}
${figure(incrementsChart(description, summaries), 'What each step of the ladder adds', 'AP of a class minus that of the step before, percentage points, mean over seeds.')}
<section>
<h2>How it was measured</h2>
<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>
${methodTable(description, runs)}
</section>
<section>
<h2>Environment</h2>
${environmentTable(newest)}
</section>
</main>
</body>
</html>
`;
}

function resultTable(description: SuiteDescription, summaries: readonly MethodSummary[]): string {
  const best = groupNames.map((name) => Math.max(...summaries.map(({ mAP }) => mAP[name].mean)));
  const cell = ({ mean, deviation }: Spread, isBest: boolean): string => {
    const text = (100 * mean).toFixed(1);
    return `<td>${isBest ? `<strong>${text}</strong>` : text} <small>± ${(100 * deviation).toFixed(1)}</small></td>`;
  };
  const rows = summaries.map(({ key, title, mAP, seconds }) => {
    const place = description.methods.findIndex((method) => method.key === key);
    const cells = groupNames.map((name, i) => cell(mAP[name], mAP[name].mean === best[i])).join('');
    return `<tr><th scope="row"><i style="background:${methodColor(place)}"></i>${escapeHtml(title)}</th>${cells}<td>${seconds.mean.toFixed(1)}</td></tr>`;
  });
  const head = ['method', ...groupNames.map((name) => `mAP ${name}`), 'seconds a run'];
  return `<div class="scroll"><table class="result"><thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function methodTable(description: SuiteDescription, runs: readonly RunRecord[]): string {
  const rows = description.methods.flatMap(({ key, title, description: text }) => {
    const run = runs.find((candidate) => candidate.method === key);
    if (!run) return [];
    return `<tr><th scope="row">${escapeHtml(title)}</th><td>${escapeHtml(text)}</td><td><code>${escapeHtml(JSON.stringify(run.settings))}</code></td></tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th scope="col">method</th><th scope="col">what it is</th><th scope="col">settings</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function environmentTable({ environment, date }: RunRecord): string {
  const { engine, node, platform, cpu, threads, versions, commit } = environment;
  const entries: readonly (readonly [string, string])[] = [
    ['engine', engine],
    ['processor', `${cpu}, ${threads} threads`],
    ['system', `${platform}, Node ${node}`],
    [
      'packages',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ['commit', commit ?? 'unknown'],
    ['newest run', date],
  ];
  return `<table>${entries.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`).join('')}</table>`;
}

function titleOf(description: SuiteDescription, key: string): string {
  return description.methods.find((method) => method.key === key)?.title ?? key;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e6e9ed; --soft: #9aa4b0; --line: #333a43; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 30px; margin: 0 0 8px; }
h2 { font-size: 20px; margin: 44px 0 12px; }
header p, .caption, figcaption { color: var(--soft); font-size: 14px; }
figure { margin: 0; }
svg { width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 500; white-space: nowrap; }
.result { font-size: 16px; font-variant-numeric: tabular-nums; width: 100%; }
.result td { white-space: nowrap; }
.result small { color: var(--soft); }
.result i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 9px; }
code { font-size: 12px; word-break: break-word; }
`;
