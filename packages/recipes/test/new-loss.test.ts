import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stepsOf } from './contributing.ts';
import { EditedSources } from './edited-sources.ts';

const [[source], [index], , [table]] = stepsOf('Add a loss', { group: 'binary', name: 'copied' });
const [[shipped]] = stepsOf('Add a loss', { group: 'binary', name: 'focal' });
const sources = new EditedSources();

/** The focal loss again, with 3 as the default of γ instead of 2. */
beforeAll(() => {
  sources.addCopy(source, shipped, {
    focalLoss: 'copiedLoss',
    FocalLossOptions: 'CopiedLossOptions',
    'gamma = 2': 'gamma = 3',
  });
  sources.insert(index, {
    'export { type FocalLossOptions': "export { type CopiedLossOptions, copiedLoss } from './binary/copied.ts';",
  });
  sources.insert(table, {
    '  coOccurrenceShares,': '  copiedLoss,',
    '  focal: loss(': `
      copied: loss(
        { gamma: weight.optional(), balance: weight.optional() },
        (options, reduction) => (logits, labels, known) =>
          copiedLoss(logits, labels, { ...options, reduction, known }),
      ),`,
  });
  sources.apply();
});
afterAll(() => sources.dispose());

it('adding a loss takes its file, an export and an entry of the table: recipes train by it', async () => {
  const { build, resolve, run } = await import('../src/node/index.ts');
  const train = async (loss: { readonly name: string; readonly gamma?: number }) => {
    const data = { name: 'digits-ml', trainScenes: 60, testScenes: 20 };
    const built = await build(
      await resolve({ data, loss, encoder: { imageSize: 16 }, features: { views: 0 }, steps: 5 }),
    );
    const folder = join(sources.folder, Object.values(loss).join('-'));
    const { test } = await run(built, { folder, onWarning: () => {} });
    built.dispose();
    return test?.scores.scores;
  };
  const copied = await train({ name: 'copied' });
  expect(copied?.length).toBeGreaterThan(0);
  expect(copied).toEqual(await train({ name: 'focal', gamma: 3 }));
  expect(copied).not.toEqual(await train({ name: 'focal' }));
});

it('its options are part of the schema, and wrong ones are refused', async () => {
  const { recipeJsonSchema, resolve } = await import('../src/node/index.ts');
  expect(JSON.stringify(await recipeJsonSchema())).toContain('"const":"copied"');
  await expect(resolve({ loss: { name: 'copied', gama: 1 } })).rejects.toThrow(/loss: unknown "gama"/);
  await expect(resolve({ loss: { name: 'copied', gamma: -1 } })).rejects.toThrow(/loss\.gamma: should be at least 0/);
});
