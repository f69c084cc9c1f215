import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repository, stepsOf } from './contributing.ts';
import { EditedSources } from './edited-sources.ts';

const [[template], [source], [method], [, table]] = stepsOf('Add a method', { method: 'copied' });
const sources = new EditedSources();

/** The smallest method again, under another name. */
beforeAll(() => {
  for (const file of readdirSync(join(repository, template, 'src'))) {
    const path = join(source, file);
    const shipped = join(template, 'src', file);
    sources.addCopy(path, shipped, path === method ? { "'classifier'": "'copied'" } : {});
  }
  const index = join(sources.folder, source, 'index.ts');
  sources.insert(table, { '  classifier: ': `  copied: async () => (await import('${index}')).classifier,` });
  sources.apply();
});
afterAll(() => sources.dispose());

it('adding a method takes its folder and a line', async () => {
  const { build, resolve, run } = await import('../src/node/index.ts');
  const data = { name: 'digits-ml', trainScenes: 60, testScenes: 20 };
  const recipe = { data, loss: { name: 'focal' }, encoder: { imageSize: 16 }, features: { views: 0 }, steps: 10 };
  const results: unknown[] = [];
  for (const name of ['copied', 'classifier']) {
    const built = await build(await resolve({ ...recipe, method: { name, preset: 'distribution-balanced' } }));
    const folder = join(sources.folder, 'runs', name);
    const { test, outcome, steps } = await run(built, { folder, onWarning: () => {} });
    built.dispose();
    results.push({ mAP: test?.mAP, outcome, steps });
  }
  expect(results[0]).toMatchObject({ outcome: 'finished' });
  expect(results[0]).toEqual(results[1]);
});
