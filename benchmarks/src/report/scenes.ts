import { join } from 'node:path';
import { toBytes } from '@ltml/images';
import { readDataSet } from '@ltml/recipes/node';
import { type Markup, markup } from '@ltml/report';
import sharp from 'sharp';
import type { RunRecord } from '../suites/run-record.ts';
import { referenceOf } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';

/** Test images that are shown: the first ones, so that nobody has chosen them. */
const shown = 8;
const side = 128;

/**
 * The first test images with their labels, and what some rows rank first in each: as many classes as the image has labels.
 *
 * @returns nothing where the pictures of the data set are not at hand
 */
export async function scenesSection(result: SuiteResult): Promise<Markup | undefined> {
  const [{ folder }] = result.runs;
  const test = await readDataSet(join(folder, 'config.json')).then(
    ({ splits }) => splits.test,
    () => undefined,
  );
  if (!test) return undefined;
  const runs = rowsToShow(result);
  const figures: Markup[] = [];
  for (let image = 0; image < Math.min(shown, test.pictures.length); image++) {
    const { pixels, width, height } = toBytes(await test.pictures.read(image));
    // Pixel by pixel: these scenes are small.
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: 'inside', kernel: 'nearest' })
      .png()
      .toBuffer();
    figures.push(sceneOf(result, runs, image, `data:image/png;base64,${png.toString('base64')}`));
  }
  return markup`<div class="scenes">${figures}</div>
<p class="caption">The first ${figures.length} test images. Under each its labels, then the classes that a row ranks first: as many as there are labels; ✓ right, ✗ wrong.</p>`;
}

/** The baseline and the row that is best by the measure of the claim, of the first seed. */
function rowsToShow({ suite, measures, runs, rows }: SuiteResult): readonly RunRecord[] {
  const measure = suite.headline ?? Object.keys(measures.titles)[0];
  const best = [...rows].sort((a, b) => b.measures[measure].mean - a.measures[measure].mean)[0].row;
  const baseline = suite.baseline ?? referenceOf(suite, best) ?? best;
  return [...new Set([baseline, best])].flatMap((row) => runs.find((run) => run.row === row) ?? []);
}

function sceneOf({ suite }: SuiteResult, runs: readonly RunRecord[], image: number, address: string): Markup {
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
  return markup`<figure><img src="${address}" width="${side}" height="${side}" alt="${`a test image with ${text}`}"><figcaption><strong>${text}</strong><dl>${lines}</dl></figcaption></figure>`;
}
