import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { build, run } from '../src/node/index.ts';
import { resolveText } from './resolve-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-without-gradient-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('PIAA learns from the training images once over, whose labels it does not need', async () => {
  const recipe = `
data: { name: digits-ml, trainScenes: 400, testScenes: 200, knownLabels: { proportion: 0.01 } }
encoder: { name: tiny-clip }
features: { views: 0 }
method: { name: piaa, options: { patches: plain, templates: ['There is a {} in the scene'] } }`;
  const built = await build(await resolveText(recipe));
  const { test, outcome } = await run(built, { folder });
  const images = built.splits.train.images.length;
  const { stages } = built;
  built.dispose();
  expect(outcome).toBe('finished');
  expect(stages).toMatchObject([{ name: 'gather', epochs: 1, imagesPerEpoch: images }]);
  expect(test?.mAP.total).toBeGreaterThan(0.9);
}, 120_000);
