import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportState } from '@ltml/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, evaluate, loadModel, resolve, run } from '../src/node/index.ts';
import { priorsOfRun } from '../src/node/priors-of-run.ts';
import { losses } from '../src/parts/losses.ts';
import { writeTinyPictures } from './tiny-pictures.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-loss-state-'));
  await writeTinyPictures(folder, 32, [12, 4]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const recipeOf = (loss: object, others: object = {}) =>
  resolve({
    data: { name: 'table', root: folder, file: 'labels.csv', validation: null },
    features: { views: 0 },
    method: { name: 'classifier', options: { epochs: 3, optimizer: { name: 'adamw', learningRate: 0.1 } } },
    batchSize: 4,
    loss,
    ...others,
  });

/** Trains by a loss; the state of the learner afterwards. */
async function train(loss: object, into: string, { stopAfter = Infinity, resume = false, ...others } = {}) {
  const built = await build(await recipeOf(loss, others), { workers: 0 });
  const abort = new AbortController();
  const observers = [{ onStep: ({ step }: { step: number }) => void (step === stopAfter && abort.abort()) }];
  await run(built, { folder: join(folder, into), resume, observers, signal: abort.signal });
  const state = await exportState(built.learner);
  built.dispose();
  return state;
}

describe('reflective label correction in a recipe', { timeout: 60_000 }, () => {
  const loss = { name: 'multi-grained-focal', correction: { threshold: 0.3, margin: 0 } };

  it('has its counts in checkpoints, and goes on in the midst of an epoch as if nothing had been', async () => {
    const whole = await train(loss, 'whole');
    await train(loss, 'cut', { stopAfter: 5 });
    expect(await train(loss, 'cut', { resume: true })).toEqual(whole);
    const { counts, initial } = { counts: whole.get('loss.counts')?.data, initial: [8, 8, 8] };
    expect([...(counts ?? [])]).not.toEqual(initial);
    expect(whole.get('loss.epoch')?.data[0]).toBe(2);
  });

  it('is no part of the model', async () => {
    const model = await loadModel(join(folder, 'whole'));
    expect([...(await exportState(model.learner)).keys()].filter((name) => name.startsWith('loss'))).toEqual([]);
    model.dispose();
    const bundle = readFileSync(join(folder, 'whole', 'model', 'model.safetensors'), 'latin1');
    expect(bundle).not.toContain('learner.loss');
    // A run that was stopped has its newest checkpoint.
    await train(loss, 'stopped', { stopAfter: 2 });
    const stopped = await loadModel(join(folder, 'stopped'));
    expect(stopped.weights).toBe('last');
    stopped.dispose();
  });

  it('is told of classes without images', async () => {
    const first = 'path,labels,split\nall/0.png,red,train\nall/1.png,red,train\nall/2.png,green;blue,test\n';
    writeFileSync(join(folder, 'few.csv'), first);
    const data = { name: 'table', root: folder, file: 'few.csv', validation: null };
    await expect(build(await recipeOf(loss, { data }), { workers: 0 })).rejects.toThrow(/loss: .*clampCounts/);
  });
});

describe('priors of a run', { timeout: 60_000 }, () => {
  const selective = (priors?: unknown) => ({
    name: 'selective',
    mode: 'selective',
    topK: 0,
    priorThreshold: 0.4,
    ...(priors !== undefined && { priors }),
  });
  const data = () => ({ name: 'table', root: folder, file: 'known.csv', validation: null });

  /** Of a third of the labels nothing is known. */
  beforeAll(() => {
    const marks = (i: number): string =>
      [0, 1, 2].map((c) => ((i + c) % 3 === 0 ? '?' : (i + 1) & (1 << c) ? 1 : 0)).join();
    const rows = Array.from({ length: 16 }, (_, i) => `all/${i}.png,${marks(i)},${i < 12 ? 'train' : 'test'}`);
    writeFileSync(join(folder, 'known.csv'), ['path,red,green,blue,split', ...rows, ''].join('\n'));
  });

  it('are the mean probabilities of its model over the training images, and what the loss takes', async () => {
    await train({ name: 'selective', mode: 'ignore' }, 'ignore', { data: data() } as object);
    const from = join(folder, 'ignore');
    const built = await build(await recipeOf(selective({ run: from }), { data: data() }), { workers: 0 });
    const priors = await priorsOfRun(from, built.splits.train);
    const model = await loadModel(from);
    const { scores, rows } = await evaluate(model, { images: built.splits.train });
    model.dispose();
    built.dispose();
    const mean = [0, 1, 2].map(
      (c) =>
        Array.from({ length: rows }, (_, row) => 1 / (1 + Math.exp(-scores[3 * row + c]))).reduce((a, b) => a + b) /
        rows,
    );
    expect(priors).toEqual(mean);
    const estimated = await train(selective({ run: from }), 'estimated', { data: data() } as object);
    expect(estimated).toEqual(await train(selective(priors), 'given', { data: data() } as object));
    expect(estimated).not.toEqual(await train(selective(), 'without', { data: data() } as object));
  });

  it('are refused where there is no run, or one of other classes', async () => {
    const at = async (from: string, others: object = {}) =>
      build(await recipeOf(selective({ run: from }), others), { workers: 0 });
    await expect(at(join(folder, 'nothing'))).rejects.toThrow(
      /loss\.priors\.run: .*nothing is not the folder of a run/,
    );
    writeFileSync(join(folder, 'other.csv'), 'path,labels,split\nall/0.png,cyan;green,train\nall/1.png,cyan,test\n');
    const other = { data: { name: 'table', root: folder, file: 'other.csv', validation: null } };
    await expect(at(join(folder, 'ignore'), other)).rejects.toThrow(/loss\.priors\.run: .* has no class "cyan"/);
  });

  it('are not known before they are estimated', () => {
    const statistics = { trainCount: 4, classCounts: [2, 2], cooccurrence: [] };
    const bound = losses.create({ ...selective({ run: 'somewhere' }), reduction: 'mean' } as never, statistics);
    expect(bound.priors?.run).toBe('somewhere');
    expect(losses.create({ ...selective('known'), reduction: 'mean' } as never, statistics).priors).toBeUndefined();
  });
});
