import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { openPage } from './browser-page.ts';
import { chromiumPath } from './chromium.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const arguments_ = process.argv;

afterEach(() => {
  process.argv = arguments_;
  vi.restoreAllMocks();
});

/** What an example prints, line by line. */
async function run(name: string, ...args: string[]): Promise<string[]> {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  process.argv = [process.execPath, name, ...args];
  await import(`../${name}.ts`);
  return print.mock.calls.map((words) => words.map((word) => JSON.stringify(word) ?? '').join(' '));
}

test('each example is one file of at most 40 lines, and is run here', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'vitest.config.ts');
  const tests = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const list = readFileSync(`${folder}/README.md`, 'utf8');
  for (const file of [...files, 'worker/worker.ts']) {
    const lines = readFileSync(`${folder}/${file}`, 'utf8').trimEnd().split('\n');
    expect(lines.length, file).toBeLessThanOrEqual(40);
    expect(list, file).toContain(`(${file.replace('/worker.ts', '')})`);
    if (!file.includes('/')) expect(tests).toContain(`run('${file.replace('.ts', '')}'`);
  }
});

test('a loss in a loop falls', async () => {
  const losses = (await run('loss-in-a-loop')).map((line) => Number(/loss ([\d.]+)/.exec(line)?.[1]));
  expect(losses.length).toBe(4);
  expect(losses[3]).toBeLessThan(losses[0] / 2);
});

test('a loss in a Layers model falls', async () => {
  const [line] = await run('loss-in-a-layers-model');
  const losses = (line.match(/\d\.\d+/g) ?? []).map(Number);
  expect(losses.length).toBe(10);
  expect(losses[9]).toBeLessThan(losses[0] / 2);
});

test('the head of CPRFL trains on a vision transformer with the Distribution-Balanced loss', async () => {
  expect(await run('mix-cprfl-db-vit')).toEqual(['{"outcome":"finished","steps":4}']);
});

test('DSCL, then CPRFL', async () => {
  const [pretrained, learned] = await run('dscl-then-cprfl');
  expect([pretrained, learned]).toEqual(['{"outcome":"finished","steps":4}', '{"outcome":"finished","steps":2}']);
});

test('partial labels from a table', async () => {
  expect(await run('partial-labels-from-csv')).toEqual(['{"outcome":"finished","steps":40}']);
});

test('labels are ranked for a picture by their names', async () => {
  const [line] = await run('open-vocabulary', `${folder}/photos/scene-000.png`, '--labels', 'red three, blue six');
  expect(line).toMatch(/scene-000\.png.*(red three|blue six) -?\d\.\d{3}, (red three|blue six) -?\d\.\d{3}/);
});

test.skipIf(chromiumPath === undefined)('a loss in a Web Worker falls, in Chromium', { timeout: 120_000 }, async () => {
  const { page, errors, close } = await openPage(`${folder}/worker`);
  await page.getByText('Done').waitFor();
  const [from, to] = ((await page.locator('#status').textContent())?.match(/\d\.\d+/g) ?? []).map(Number);
  await close();
  expect(to).toBeLessThan(from / 2);
  expect(errors).toEqual([]);
});
