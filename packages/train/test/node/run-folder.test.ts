import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '@ltml/tensor';
import { evaluate, type StepReport } from '@ltml/train';
import { configHash, MetricsLog, openRunFolder, readMetrics } from '@ltml/train/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resumableRun } from '../resumable-run.ts';
import { syntheticTask } from '../synthetic.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

describe('openRunFolder', () => {
  it('leaves everything that a run is judged by', async () => {
    const run = await openRunFolder(folder, { config: { name: 'test', epochs: 8 } });
    const { learner, dataset, result } = await resumableRun({
      checkpoints: run.checkpoints,
      observers: [run.observer],
    });
    const scores = await evaluate(learner, dataset);
    await run.writeResults({ result, scores, task: syntheticTask(dataset), summary: { seed: 7 } });
    run.close();
    learner.dispose();
    expect(json('config.json')).toEqual({ name: 'test', epochs: 8 });
    expect(json('environment.json')).toEqual([
      expect.objectContaining({ backend: tf.getBackend(), node: process.version, threads: expect.any(Number) }),
    ]);
    expect(json('environment.json')[0].versions).toMatchObject({ '@tensorflow/tfjs-core': tf.version_core });
    const lines = readMetrics(join(folder, 'metrics.jsonl'));
    expect(lines.filter(({ kind }) => kind === 'step').length).toBe(24);
    expect(lines.at(-1)).toMatchObject({ kind: 'epoch', stage: 'second', epoch: 5, metrics: result.metrics });
    expect(json('summary.json')).toEqual({ seed: 7, ...result });
    const perClass = json('per-class.json');
    expect(perClass.map(({ name }: { name: string }) => name)).toEqual(['a', 'b', 'c']);
    const { tensors } = readSafetensors(readFileSync(join(folder, 'predictions.safetensors')));
    expect(tensors.get('scores')).toEqual({ dtype: 'F32', shape: [40, 3], data: scores.scores });
    expect(tensors.get('present')?.data).toEqual(dataset.labels.present);
    expect(readdirSync(folder).filter((name) => name.startsWith('events.')).length).toBe(1);
    expect(existsSync(join(folder, 'checkpoints', 'best.safetensors'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses an occupied folder, unless it is to go on', async () => {
    (await openRunFolder(folder, { config: { a: 1 } })).close();
    await expect(openRunFolder(folder, { config: { a: 1 } })).rejects.toThrow(/should be a new or empty folder/);
    (await openRunFolder(folder, { config: { a: 1 }, resume: true })).close();
    expect(json('environment.json').length).toBe(2);
  });

  it('refuses to go on with another configuration, whatever the order of its keys', async () => {
    (await openRunFolder(folder, { config: { a: 1, b: { c: 2, d: 3 } } })).close();
    (await openRunFolder(folder, { config: { b: { d: 3, c: 2 }, a: 1 }, resume: true })).close();
    const other = openRunFolder(folder, { config: { a: 1, b: { c: 2, d: 4 } }, resume: true });
    await expect(other).rejects.toThrow(/options.config should be the one the run in .* was started with/);
    expect(json('config.json').b.d).toBe(3);
  });
});

describe('MetricsLog', () => {
  const report = (step: number): StepReport => ({
    stage: 'head',
    epoch: 0,
    step,
    loss: Math.fround(1 / step),
    terms: {},
    learningRateFactor: 1,
    images: 4,
  });

  it('drops lines after the step it goes on from, and a half-written last line', async () => {
    const path = join(folder, 'metrics.jsonl');
    const log = await MetricsLog.open(path, 0);
    for (const step of [1, 2, 3]) log.write({ kind: 'step', ...report(step) });
    log.close();
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
    expect(readMetrics(path).map(({ step }) => step)).toEqual([1, 2]);
    const again = await MetricsLog.open(path, 1);
    again.write({ kind: 'step', ...report(2) });
    again.close();
    expect(readMetrics(path)).toEqual([1, 2].map((step) => ({ kind: 'step', ...report(step) })));
  });
});

describe('configHash', () => {
  it('is SHA-256 of the JSON with sorted keys', () => {
    expect(configHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it('tells values, types and the order of lists apart', () => {
    const configs = [{ a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, { a: null }, { b: 1 }];
    expect(new Set(configs.map(configHash)).size).toBe(configs.length);
  });
});
