import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, describeModel, loadModel, resolve, writeModel } from '@ltml/recipes/node';
import { expectClose } from '@ltml/tensor/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cacheSmallClip, cacheTokenizer } from '../../packages/recipes/test/small-clip.ts';
import { type OpenPage, openPage } from './browser-page.ts';
import { chromiumPath } from './chromium.ts';
import type { Score } from './pages/labels/main.ts';
import { scoreLabels } from './score-labels.ts';

const recipe = {
  data: { name: 'digits-lt', validation: null },
  encoder: { name: 'small_clip', weights: 'none' },
  pictures: { size: 32 },
  method: { name: 'mkt', clip: { name: 'small_clip' }, options: { topK: 3 } },
};

// A CLIP of OpenAI's architecture: vision transformer and causal text tower, both small, and a tokenizer of few merges.
describe.skipIf(chromiumPath === undefined)('a bundle with the text tower of a CLIP, in Chromium', () => {
  let folder: string;
  let opened: OpenPage;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-labels-'));
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
    await cacheSmallClip(join(folder, 'hub'));
    await cacheTokenizer(join(folder, 'hub'), 'me/small-clip');
    const built = await build(await resolve(recipe));
    await writeModel(join(folder, 'model'), built, await describeModel(built), { kind: 'last', step: 0 });
    built.dispose();
    const page = fileURLToPath(new URL('pages/labels', import.meta.url));
    opened = await openPage(page, { folders: { model: join(folder, 'model') } });
  }, 120_000);
  afterAll(async () => {
    await opened?.close();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test('scores labels that nobody trained on as Node does', async () => {
    const labels = ['a fishing boat', 'red seven', 'der Hafen von Køge, 7°C', 'sunset'];
    const model = await loadModel(join(folder, 'model'));
    const inNode = await scoreLabels(model, labels);
    model.dispose();
    const inPage = await opened.page.evaluate(
      (labels) => (globalThis as unknown as { score: Score }).score(labels),
      labels,
    );
    expect(new Set(inNode).size).toBe(8);
    expectClose(inPage, inNode, { absolute: 1e-4, relative: 1e-4 });
    expect(opened.errors).toEqual([]);
  });
});
