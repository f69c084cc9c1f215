import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../examples/test/chromium.ts';
import { expectReadableOnPhone, type FilePage, openFilePage } from '../../../examples/test/file-page.ts';
import { settingText, shortNames } from '../src/run/sweep/report/entry-names.ts';
import { ltml } from './in-process.ts';

/** A value that is markup, as a hostile sweep has it. */
const hostile = '<img src=x onerror=document.title="owned">';

const folder = mkdtempSync(join(tmpdir(), 'ltml-report-'));
const [sweep, file] = [join(folder, 'sweep'), join(folder, 'report.html')];
const rates = [0.1, 0.01, 0.001, 0.0001];
const losses = ['focal', { name: 'asymmetric' }, hostile];

/** A sweep as runs leave it: the loss decides, focal is best; the rate matters little. The last loss is pruned with seed 2. */
async function makeSweep(): Promise<void> {
  const random = new RandomStream(1);
  const runs = losses.flatMap((loss, l) =>
    rates.flatMap((rate, r) =>
      [1, 2].map((seed) => ({
        id: `${l}${r}${seed}`.padStart(16, '0'),
        point: { loss, 'method.options.optimizer.learningRate': rate, batchSize: 32 },
        seed,
        value: 0.8 - 0.1 * l + 0.01 * r + random.uniform(0, 0.005),
        noise: 0.4 + 0.6 * l,
      })),
    ),
  );
  const prune = { by: { rule: 'asha', fromEpoch: 1, factor: 4 }, metric: 'mAP', mode: 'max' };
  const head = { sweep: 1, recipe: '../recipe.yaml', set: {}, attempts: 3, prune, runs: runs.length };
  const lines = [head, ...runs.map(({ id, point, seed }) => ({ id, point, seed }))];
  mkdirSync(join(sweep, 'pruned'), { recursive: true });
  writeFileSync(join(sweep, 'manifest.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const { id, point, seed, value, noise } of runs) {
    const path = join(sweep, 'runs', id);
    mkdirSync(path, { recursive: true });
    if (point.loss === hostile && seed === 2) {
      writeFileSync(join(sweep, 'pruned', `${id}.json`), JSON.stringify({ epoch: 4, value: 0.3, bar: 0.5 }));
      continue;
    }
    const [rows, columns] = [60, 2];
    const present = Uint8Array.from({ length: rows * columns }, (_, i) => ((i * 7) % 3) & 1);
    const own = new RandomStream(seed);
    const scores = Float32Array.from(present, (label) => label + own.normal(0, noise));
    const tensors = new Map([
      ['scores', { dtype: 'F32', shape: [rows, columns], data: scores }],
      ['present', { dtype: 'U8', shape: [rows, columns], data: present }],
    ] as const);
    await writeSafetensorsFile(join(path, 'predictions.safetensors'), tensors);
    writeFileSync(join(path, 'per-class.json'), JSON.stringify([{ group: 'head' }, { group: 'tail' }]));
    const summary = { mAP: { total: value - 0.1 }, metrics: { mAP: value }, best: { value, step: 3 } };
    writeFileSync(join(path, 'summary.json'), JSON.stringify(summary));
  }
}

beforeAll(makeSweep);
afterAll(() => rmSync(folder, { recursive: true }));

it('entries go by the shortest end that tells them apart, parts by their names', () => {
  expect(shortNames(['loss.name', 'method.options.a.rate', 'method.options.b.rate', 'batchSize', 'rate'])).toEqual([
    'name',
    'a.rate',
    'b.rate',
    'batchSize',
    'rate',
  ]);
  expect([{ name: 'focal' }, { name: 'a', b: 1 }, 'x', 3, null, undefined].map(settingText)).toEqual([
    'focal',
    '{"name":"a","b":1}',
    'x',
    '3',
    'null',
    '',
  ]);
});

describe.skipIf(chromiumPath === undefined)('the report of a sweep in Chromium', { timeout: 60_000 }, () => {
  let opened: FilePage;
  let page: FilePage['page'];

  beforeAll(async () => {
    const { code, stdout, stderr } = await ltml('sweep', 'collect', sweep, '--report', file);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`20 of 24 runs; 4 pruned, in ${file}`);
    opened = await openFilePage(file);
    page = opened.page;
  }, 60_000);
  afterAll(() => opened?.close());

  it('shows names as text, and asks for nothing', async () => {
    await opened.take('sweep-desktop');
    expect(await page.title()).toBe('Sweep of recipe.yaml');
    expect(await page.getByText(hostile).count()).toBeGreaterThan(0);
    expect(opened.requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
  });

  it('has a line for each run, an axis for each entry that varies, and the points, best first, with intervals', async () => {
    const [coordinates, importance] = await page.locator('svg').all();
    const names = await coordinates.locator('text').allTextContents();
    for (const name of ['loss', 'learningRate', 'seed', 'validation.best']) expect(names).toContain(name);
    expect(names).not.toContain('batchSize');
    expect(await coordinates.locator('[stroke-dasharray]').count()).toBe(4);
    expect(await importance.locator('text').allTextContents()).toEqual(
      expect.arrayContaining(['loss', 'learningRate']),
    );
    const rows = await page.locator('tbody tr').all();
    expect(rows).toHaveLength(12);
    const cells = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
    expect(cells[0].slice(0, 5)).toEqual(['1', 'focal', '0.0001', '32', '2']);
    // The noise of asymmetric is larger: its difference is below 0, with its interval.
    const [, difference, low, high] = /^(\S+) \((\S+) to (\S+)\)$/.exec(cells[4].at(-1) ?? '') ?? [];
    expect(cells[4][1]).toBe('asymmetric');
    expect(Number(low)).toBeLessThan(Number(difference));
    expect(Number(difference)).toBeLessThan(0);
    expect(Number(high)).toBeLessThan(0.05);
    expect(cells.at(-1)).toEqual(expect.arrayContaining([hostile, '1 and 1 pruned', '–']));
  });

  it('is readable on a phone: no text of a chart below 11 pixels, and the page itself is as wide as the screen', async () => {
    await expectReadableOnPhone(opened, 'sweep-phone', 20);
  });
});
