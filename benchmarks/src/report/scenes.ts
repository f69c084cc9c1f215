import { join } from 'node:path';
import { type BytePicture, toBytes } from '@ltml/images';
import { readDataSet } from '@ltml/recipes/node';
import { type Markup, markup } from '@ltml/report';
import sharp from 'sharp';
import type { RunRecord } from '../suites/run-record.ts';
import { referenceOf } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';
import { type Attention, attentionOf } from './attention.ts';

/** Number of test images to show. They are the first ones, so that they are not hand-picked. */
const shown = 8;
const side = 128;

/**
 * The first test images with their labels, and the top-ranked classes of some rows: as many as the image has labels.
 *
 * @returns undefined if the pictures of the data set are not available
 */
export async function scenesSection(result: SuiteResult): Promise<Markup | undefined> {
  const [{ folder }] = result.runs;
  const test = await readDataSet(join(folder, 'config.json')).then(
    ({ splits }) => splits.test,
    () => undefined,
  );
  if (!test) return undefined;
  const runs = rowsToShow(result);
  const attention = await attentionOf(byHeadline(result));
  const figures: Markup[] = [];
  for (let image = 0; image < Math.min(shown, test.pictures.length); image++) {
    const picture = toBytes(await test.pictures.read(image));
    const { pixels, width, height } = picture;
    // Enlarge without smoothing, because these images are small.
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: 'inside', kernel: 'nearest' })
      .png()
      .toBuffer();
    const address = `data:image/png;base64,${png.toString('base64')}`;
    const looks = attention ? await attentionRow(attention, image, picture, address) : markup``;
    figures.push(sceneOf(result, runs, image, address, looks));
  }
  attention?.dispose();
  const seen = attention
    ? markup` Then the attention of ${result.suite.rows[attention.run.row].title} for each label: dark places have little.`
    : markup``;
  return markup`<div class="scenes">${figures}</div>
<p class="caption">The first ${figures.length} test images. Under each: its labels, then the top-ranked classes of a row, as many as there are labels; ✓ right, ✗ wrong.${seen}</p>`;
}

/** One run of each row, sorted by the headline measure, best first. */
function byHeadline({ suite, measures, runs, rows }: SuiteResult): readonly RunRecord[] {
  const measure = suite.headline ?? Object.keys(measures.titles)[0];
  const ordered = [...rows].sort((a, b) => b.measures[measure].mean - a.measures[measure].mean);
  return ordered.flatMap(({ row }) => runs.find((run) => run.row === row) ?? []);
}

/** The baseline, and the best row by the headline measure. */
function rowsToShow(result: SuiteResult): readonly RunRecord[] {
  const { suite, runs } = result;
  const [{ row: best }] = byHeadline(result);
  const baseline = suite.baseline ?? referenceOf(suite, best) ?? best;
  return [...new Set([baseline, best])].flatMap((row) => runs.find((run) => run.row === row) ?? []);
}

/** The image, shaded by the attention for each of its labels. */
async function attentionRow(
  attention: Attention,
  image: number,
  picture: BytePicture,
  address: string,
): Promise<Markup> {
  const { classes, scores } = attention.run;
  const labels = classes.flatMap((_, c) =>
    c < attention.classes && scores.present[image * scores.columns + c] === 1 ? c : [],
  );
  const shades = await attention.shades(picture, labels);
  const pictures = labels.map(
    (c, i) =>
      markup`<span class="look" title="${classes[c]}"><img src="${address}" alt="${`attention for ${classes[c]}`}"><img src="${shades[i]}" alt=""></span>`,
  );
  return markup`<dd>${pictures}</dd>`;
}

function sceneOf(
  { suite }: SuiteResult,
  runs: readonly RunRecord[],
  image: number,
  address: string,
  looks: Markup,
): Markup {
  const [{ classes, scores }] = runs;
  const present = (c: number): boolean => scores.present[image * scores.columns + c] === 1;
  const labels = classes.filter((_, c) => present(c));
  const lines = runs.map(({ row, scores: own }) => {
    const values = [...own.scores.subarray(image * own.columns, (image + 1) * own.columns)];
    const ranked = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, Math.max(labels.length, 1));
    const named = ranked.map((c) => markup`<span>${present(c) ? '✓' : '✗'} ${classes[c]}</span> `);
    return markup`<dt>${suite.rows[row].title}</dt><dd>${named}</dd>`;
  });
  const text = labels.join(', ') || 'no label';
  return markup`<figure><img src="${address}" width="${side}" height="${side}" alt="${`a test image with ${text}`}"><figcaption><strong>${text}</strong><dl>${lines}${looks}</dl></figcaption></figure>`;
}
