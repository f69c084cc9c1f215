import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observer } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  build,
  evaluate,
  loadModel,
  type RunOptions,
  type RunResult,
  resolve,
  run,
  scoreGroups,
} from '../src/node/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-run-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const recipe = await resolve({
  loss: { name: 'focal' },
  data: { name: 'digits-ml', trainScenes: 500, testScenes: 200 },
  encoder: { imageSize: 32 },
  features: { views: 0 },
  steps: 60,
});
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8')) as object;

/** Does what the recipe says, and leaves no tensor. */
async function runInto(name: string, options: Omit<RunOptions, 'folder'> = {}): Promise<RunResult> {
  const built = await build(recipe);
  try {
    return await run(built, { folder: join(folder, name), ...options });
  } finally {
    built.dispose();
  }
}

describe('run', { timeout: 300_000 }, () => {
  it('trains, scores the test images, and keeps a model that scores them alike', async () => {
    const { test, ...result } = await runInto('whole');
    expect(result).toMatchObject({ outcome: 'finished', steps: 60 });
    expect(test).toMatchObject({ weights: 'last', scores: { rows: 200, columns: 20 } });
    expect(test?.mAP.total).toBeGreaterThan(0.15);
    expect(readJson('whole', 'summary.json')).toMatchObject({ outcome: 'finished', steps: 60, mAP: test?.mAP });
    const model = await loadModel(join(folder, 'whole', 'model'));
    expect(scoreGroups(await evaluate(model), model.groups)).toEqual(test?.mAP);
    model.dispose();
  });

  it('that is stopped in training goes on as if it had not been, from a model that can be used', async () => {
    const stop = new AbortController();
    const observer: Observer = { onStep: ({ step }) => (step === 40 ? stop.abort() : undefined) };
    const stopped = await runInto('stopped', { observers: [observer], signal: stop.signal });
    expect(stopped).toMatchObject({ outcome: 'aborted' });
    expect(stopped.test).toBeUndefined();
    (await loadModel(join(folder, 'stopped'))).dispose();
    const { test } = await runInto('stopped', { resume: true });
    expect(test?.mAP).toEqual((readJson('whole', 'summary.json') as { mAP: object }).mAP);
  });

  it('that is stopped before training fails with the reason, and leaves no folder', async () => {
    const stop = new AbortController();
    const onFeatures = () => stop.abort(new Error('enough'));
    await expect(runInto('early', { onFeatures, signal: stop.signal })).rejects.toThrow('enough');
    expect(existsSync(join(folder, 'early'))).toBe(false);
  });

  it('refuses an occupied folder and options that it does not know', async () => {
    await expect(runInto('whole')).rejects.toThrow(/a new or empty folder/);
    await expect(runInto('other', { sameEngin: true } as object)).rejects.toThrow(/run: .*sameEngin/);
  });
});

it('leaves no tensor of what could not be built', async () => {
  const before = tf.memory().numTensors;
  const files = { path: 'gone.txt', name: 'word-vectors' };
  await expect(build(await resolve({ method: { name: 'cprfl', classEmbeddings: files } }))).rejects.toThrow(
    /gone\.txt/,
  );
  await expect(build(await resolve({ loss: { name: 'focal' }, features: { memory: 1e-6 } }))).rejects.toThrow(
    /features: .*raise memory/,
  );
  expect(tf.memory().numTensors).toBe(before);
});
