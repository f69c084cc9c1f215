import type { Scores } from '@ltml/metrics';
import type { ClassErrors, EvaluationReport, Model } from '@ltml/recipes/node';
import { htmlPage, htmlRow, htmlTable, type Markup, markup, renderSvg } from '@ltml/report';
import { reliabilityChart } from '../../reliability-chart.ts';
import { percent } from '../../text-table.ts';
import { classChart } from './class-chart.ts';
import { type ErrorPicture, pictureKey } from './error-pictures.ts';
import { groupCells, groupHead, probabilityText } from './tables.ts';

/** Content of the page of an evaluation. */
export interface PageParts {
  readonly title: string;
  readonly model: Model;
  readonly scores: Scores;
  readonly report: EvaluationReport;
  /** Errors of the classes that the page shows pictures of. */
  readonly errors: readonly ClassErrors[];
  readonly pictures: ReadonlyMap<string, ErrorPicture>;
}

/** The HTML page of an evaluation. */
export function evaluationPage(parts: PageParts): string {
  const { title, report, errors } = parts;
  const groups = groupCells(report).map(htmlRow);
  const classes = report.perClass.map(({ name, group, trainCount, support, ...row }) => {
    const shares = [row.averagePrecision, row.precision, row.recall, row.f1].map(percent);
    const threshold = row.threshold === null ? '–' : row.threshold.toFixed(3);
    return htmlRow([name, group, String(Math.round(trainCount)), String(support), ...shares, threshold]);
  });
  const confusions = report.confusions
    .slice(0, 30)
    .map(({ missed, predicted, images }) =>
      htmlRow([report.perClass[missed].name, report.perClass[predicted].name, String(images)]),
    );
  const body = markup`<header>
<h1>${title}</h1>
<p>${report.images} images, ${report.weights} weights. Percent, unless said otherwise.</p>
</header>
<h2>Groups of classes</h2>
${htmlTable(groupHead, groups, 'result')}
<p class="caption">${groupText(report)} ${decisionText(report)}</p>
${report.calibration ? calibrationSection(report.calibration) : markup``}
<h2>Classes</h2>
<figure>${renderSvg(classChart(report.perClass), 'Average precision by class')}<figcaption>From the most to the least frequent class in training.</figcaption></figure>
${htmlTable(['class', 'group', 'training images', 'positives', 'AP', 'precision', 'recall', 'F1', 'threshold'], classes, 'result')}
<h2>Errors that occur together</h2>
${confusions.length > 0 ? htmlTable(['missed', 'predicted instead', 'images'], confusions, 'result') : markup`<p>None.</p>`}
${errors.length > 0 ? markup`<h2>Pictures of the worst errors</h2>${evidenceText(parts)}${errors.map((own) => classSection(own, parts))}` : markup``}`;
  return htmlPage(title, body, pictureStyle);
}

/** The ranges of training images of the groups, from the classes in them: each protocol sets its own limits. */
function groupText({ perClass }: EvaluationReport): string {
  const ranges = ['head', 'medium', 'tail'].flatMap((name) => {
    const counts = perClass.filter(({ group }) => group === name).map(({ trainCount }) => Math.round(trainCount));
    const [least, most] = counts.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [Infinity, 0]);
    return counts.length > 0 ? [`${name} ${least === most ? least : `${least} to ${most}`}`] : [];
  });
  return `Training images of a class: ${ranges.join(', ')}.`;
}

function evidenceText({ pictures }: PageParts): Markup {
  const hasMaps = [...pictures.values()].some(({ evidence }) => evidence !== undefined);
  return hasMaps
    ? markup`<p class="caption">Beside each picture: dark where the model does not look for the class.</p>`
    : markup``;
}

function decisionText({ decisions }: EvaluationReport): string {
  const texts = {
    thresholds: 'A class counts as present if its score reaches its threshold.',
    mcut: 'Classes above the largest gap between the scores of an image count as present.',
    default:
      'No thresholds were chosen (see ltml tune): a class counts as present if its probability is at least 0.5, or if it is the likeliest one where each image has one class.',
  };
  return decisions
    ? texts[decisions]
    : 'The scores only rank the classes of an image: no class is predicted as present.';
}

function calibrationSection(calibration: NonNullable<EvaluationReport['calibration']>): Markup {
  const { expected, maximum, classwise, temperature } = calibration;
  return markup`<h2>Calibration</h2>
<p>Expected calibration error ${percent(expected)}, largest gap of a bin ${percent(maximum)}${classwise === null ? '' : `, mean error of the classes ${percent(classwise)}`}; temperature ${temperature.toFixed(3)}.</p>
<figure>${renderSvg(reliabilityChart({ reliability: calibration }), 'Reliability diagram')}<figcaption>On the dashed line a class is present as often as predicted.</figcaption></figure>`;
}

function classSection({ index, falsePositives, misses }: ClassErrors, { report, ...parts }: PageParts): Markup {
  const { name, averagePrecision } = report.perClass[index];
  const row = (title: string, rows: readonly number[]): Markup =>
    rows.length === 0
      ? markup``
      : markup`<h4>${title}</h4><div class="row">${rows.map((image) => pictureOf(index, image, parts))}</div>`;
  return markup`<section><h3>${name} <small>AP ${percent(averagePrecision)}</small></h3>
${row('false positives', falsePositives)}
${row('missed', misses)}</section>`;
}

function pictureOf(c: number, row: number, { model, scores, pictures }: Omit<PageParts, 'report'>): Markup {
  const picture = pictures.get(pictureKey(c, row));
  if (!picture) return markup``;
  const { name, thumbnail, evidence } = picture;
  const shade = evidence ? markup`<img src="${evidence}" alt="where it looks">` : markup``;
  const text = probabilityText(model, scores, row, c);
  return markup`<figure><img src="${thumbnail}" alt="${name}" title="${name}">${shade}<figcaption>${text}<br>${name}</figcaption></figure>`;
}

const pictureStyle = `
h3 small { color: var(--soft); font-weight: 400; }
h4 { font-size: 14px; font-weight: 500; color: var(--soft); margin: 12px 0 6px; }
.row { display: flex; flex-wrap: wrap; gap: 12px; }
.row figure { max-width: 268px; }
.row img { width: 128px; height: 128px; object-fit: contain; background: var(--line); border-radius: 4px; margin-right: 4px; }
.row figcaption { font-size: 12px; overflow-wrap: anywhere; }
`;
