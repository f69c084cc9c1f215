import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { denseLabels } from '@ltml/data';
import { DataError, OptionError, readSafetensors } from '@ltml/tensor';
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
    await run.close();
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
    expect(tensors.get('present')?.data).toEqual(denseLabels(dataset.labels).present);
    expect(readdirSync(folder).filter((name) => name.startsWith('events.')).length).toBe(1);
    expect(existsSync(join(folder, 'checkpoints', 'best.safetensors'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses an occupied folder, unless it is to go on', async () => {
    await begin({ a: 1 });
    await expect(openRunFolder(folder, { config: { a: 1 } })).rejects.toThrow(/should be a new or empty folder/);
    await begin({ a: 1 }, true);
    expect(json('environment.json').length).toBe(2);
  });

  it('refuses to go on with another configuration, whatever the order of its keys, and names what differs', async () => {
    await begin({ a: 1, b: { c: 2, d: 3 } });
    await begin({ b: { d: 3, c: 2 }, a: 1 }, true);
    const other = openRunFolder(folder, { config: { a: 1, b: { c: [2], d: 4 }, e: 'x' }, resume: true });
    await expect(other).rejects.toThrow(
      /options.config should be the configuration that the run in .* was started with, got another one \(b.d: 3 there, 4 here; b.c: 2 there, \[2\] here; e: nothing there, "x" here\)/,
    );
    expect(json('config.json').b.d).toBe(3);
  });

  it('leaves nothing behind if no training began, and nothing of its own in a folder with a run', async () => {
    const path = join(folder, 'runs', 'first');
    await (await openRunFolder(path, { config: {} })).close();
    await expect(openRunFolder(path, { config: 1n })).rejects.toThrow(/config should be plain JSON/);
    expect(readdirSync(folder)).toEqual([]);
    await begin({ a: 1 });
    const before = readdirSync(folder);
    await (await openRunFolder(folder, { config: { a: 1 }, resume: true })).close();
    await expect(openRunFolder(folder, { config: { a: 2 }, resume: true })).rejects.toThrow(/another one/);
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each([
    ['config.json', '{"a":'],
    ['config.json', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['environment.json', ''],
    ['environment.json', '{}'],
  ])('names a broken %s', async (name, text) => {
    await begin({ a: 1 });
    writeFileSync(join(folder, name), text);
    const error = await openRunFolder(folder, { config: { a: 1 }, resume: true }).catch((error: Error) => error);
    expect([String(error), DataError.is(error)]).toEqual([
      expect.stringContaining(`${join(folder, name)} should be`),
      true,
    ]);
  });

  it('names line and file of a broken log, before anything else is changed', async () => {
    await begin({ a: 1 });
    const line = JSON.stringify({ kind: 'step', stage: 's', epoch: 0, step: 1, loss: 1, terms: {} });
    writeFileSync(join(folder, 'metrics.jsonl'), `${line}\n{"kind":"step","learningRateF${line}\n`);
    await expect(begin({ a: 1 }, true)).rejects.toThrow(/metrics.jsonl, line 2 should be a JSON object of a step/);
  });

  it('names a folder that can not be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['file', 'file/run']) {
      await expect(openRunFolder(join(folder, path), { config: {} })).rejects.toThrow(
        /openRunFolder: path should be a folder, or one that can be made, got .*file/,
      );
    }
  });

  it('clears what dead processes left half-written, everywhere in the folder', async () => {
    await begin({ a: 1 });
    mkdirSync(join(folder, 'checkpoints'));
    const before = readdirSync(folder);
    for (const name of ['summary.json', 'config.json', 'checkpoints/best.safetensors', 'run.2.lock']) {
      writeFileSync(join(folder, `${name}.0123abcd.tmp`), 'half');
    }
    writeFileSync(join(folder, 'own.tmp'), 'of somebody else');
    await (await openRunFolder(folder, { config: { a: 1 }, resume: true })).close();
    expect(readdirSync(folder)).toEqual([...before, 'own.tmp'].sort());
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([]);
  });

  it.each(['deleted', 'moved'])('ends with an error when the folder is %s, and makes none anew', async (what) => {
    const path = join(folder, 'run');
    const run = await openRunFolder(path, { config: {} });
    const take = () => (what === 'moved' ? renameSync(path, join(folder, 'other')) : rmSync(path, { recursive: true }));
    const onStep = ({ step }: StepReport) => {
      if (step === 4) take();
    };
    const training = resumableRun({ checkpoints: run.checkpoints, observers: [run.observer, { onStep }] });
    const error = await training.catch((error: Error) => error);
    expect(String(error)).toMatch(/DataError: saving a run: .*run should be the folder in which the run began/);
    await run.close();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    { checkpointEverySteps: 0 },
    { checkpointEverySteps: 1.5 },
    { resume: 'yes' },
    { eager: 1 },
    { sameEngine: null },
    { checkpointEverysteps: 1 },
  ])('refuses %j', async (options) => {
    await expect(openRunFolder(folder, { config: {}, ...options } as never)).rejects.toThrow(OptionError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** A run that has begun and ended before its first step. */
async function begin(config: unknown, resume = false): Promise<void> {
  const run = await openRunFolder(folder, { config, resume });
  try {
    await run.observer.onStart?.({ stages: [], totalSteps: 0, from: { stage: 0, epoch: 0, stageStep: 0, step: 0 } });
  } finally {
    await run.close();
  }
}

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
