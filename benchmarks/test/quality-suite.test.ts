import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SuiteParts } from '../src/quality/method-run.ts';
import { type QualityMethodKey, qualityMethods } from '../src/quality/methods.ts';
import type { RunRecord } from '../src/quality/record.ts';
import { readResults } from '../src/quality/results-folder.ts';
import { type QualityResult, runQualitySuite, type SuiteProgress } from '../src/quality/suite.ts';

const classCounts = [110, 40, 8];

/** Images of one class each, whose feature of that class is high, in long-tailed numbers. */
function toyDataset(name: string, counts: readonly number[], seed: number): Dataset {
  const random = new RandomStream(seed);
  const targets = counts.flatMap((count, c) => new Array<number>(count).fill(c));
  const columns = counts.length;
  const features = Float32Array.from({ length: targets.length * columns }, (_, at) =>
    random.normal(targets[Math.floor(at / columns)] === at % columns ? 1.5 : 0, 1),
  );
  const present = Uint8Array.from({ length: targets.length * columns }, (_, at) =>
    Number(targets[Math.floor(at / columns)] === at % columns),
  );
  return {
    name,
    classes: ['head', 'medium', 'tail'],
    labels: { rows: targets.length, columns, present },
    inputs: {
      length: targets.length,
      shape: [columns],
      read: async (indices) =>
        Float32Array.from(Array.from(indices).flatMap((i) => [...features.subarray(i * columns, (i + 1) * columns)])),
    },
  };
}

const parts: SuiteParts = {
  train: toyDataset('toy@1/train', classCounts, 1),
  test: toyDataset('toy@1/test', [30, 30, 30], 2),
  features: 3,
};

let folder: string;
let result: QualityResult;
const progress: SuiteProgress[] = [];
const methods: QualityMethodKey[] = ['rs', 'r-bce', 'asl'];

const runSuite = (out: string): Promise<QualityResult> =>
  runQualitySuite({
    suite: 'quick',
    folder: out,
    changes: { seeds: [1, 2], epochs: 4, curveEvery: 2 },
    methods,
    loadParts: async () => parts,
    onProgress: (step) => progress.push(step),
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'suite-'));
  result = await runSuite(join(folder, 'one'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('runQualitySuite', () => {
  it('writes a record of each run and adds it to the log', () => {
    expect(readdirSync(join(folder, 'one', 'runs')).sort()).toEqual(
      ['asl-1', 'asl-2', 'bce-1', 'bce-2', 'r-bce-1', 'r-bce-2', 'rs-1', 'rs-2'].map((name) => `${name}.json`),
    );
    const run = JSON.parse(readFileSync(join(folder, 'one', 'runs', 'rs-2.json'), 'utf8')) as RunRecord;
    expect(run).toMatchObject({
      form: 1,
      method: 'rs',
      seed: 2,
      settings: { sampler: 'class-aware', loss: { name: 'distribution-balanced' } },
      environment: { engine: tf.getBackend() },
    });
    expect(run.perClass).toHaveLength(3);
    expect(run.curve.map(({ step }) => step)).toEqual([8, 16]);
    expect(readFileSync(join(folder, 'results.jsonl'), 'utf8').trim().split('\n')).toHaveLength(8);
  });

  it('gives every method the same number of steps', () => {
    expect(new Set(result.runs.map(({ curve }) => curve.at(-1)?.step))).toEqual(new Set([16]));
  });

  it('learns: the loss falls and the scores are better than chance', () => {
    for (const { curve, mAP } of result.runs) {
      expect(curve[1].loss).toBeLessThan(curve[0].loss);
      expect(mAP.total).toBeGreaterThan(0.45);
    }
  });

  it('reports what the last step gives, as the last point of the curve', () => {
    for (const { curve, mAP } of result.runs) expect(curve.at(-1)?.mAP).toEqual(mAP);
  });

  it('goes from the step before along the ladder, and compares with BCE', () => {
    const by = Object.fromEntries(result.summaries.map((summary) => [summary.key, summary]));
    expect(Object.keys(by)).toEqual(['bce', 'rs', 'r-bce', 'asl']);
    expect(by['r-bce'].increments).toEqual(by['r-bce'].perClass.map((value, c) => value - by.rs.perClass[c]));
    expect(by.asl.increments).toBeUndefined();
    expect(by.bce.difference).toBeUndefined();
    const { mean, low, high } = by.rs.difference!.total;
    expect(mean).toBeCloseTo(by.rs.mAP.total.mean - by.bce.mAP.total.mean, 10);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
  });

  it('repeats its numbers', async () => {
    const again = await runSuite(join(folder, 'two'));
    expect(again.runs.map(({ mAP }) => mAP)).toEqual(result.runs.map(({ mAP }) => mAP));
  });

  it('tells its progress from 0 to 1', () => {
    const done = progress.slice(0, 8 * 5).map((step) => step.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await runSuite(join(folder, 'three'));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('can be read again', () => {
    const { description, runs } = readResults(join(folder, 'one'));
    expect(description).toMatchObject({ dataset: 'toy@1', classCounts, baseline: 'bce' });
    expect(description.protocol).toMatch(/changed for a trial/);
    expect(runs).toHaveLength(8);
    expect(() => readResults(folder)).toThrow(/a folder that `ltml bench` wrote/);
  });
});

describe('the report', () => {
  it('is a page on its own: no script, no request', () => {
    expect(existsSync(result.report)).toBe(true);
    const html = readFileSync(result.report, 'utf8');
    // The namespaces of SVG are names, not requests; url(#…) points into the page.
    const text = html.replaceAll('http://www.w3.org/', '');
    expect(text.match(/<script|<link|<img|src=|@import|url\((?!#)|https?:/g)).toBeNull();
  });

  it('holds table, plots, settings and environment', () => {
    const html = readFileSync(result.report, 'utf8');
    for (const key of ['bce', ...methods] as QualityMethodKey[]) expect(html).toContain(qualityMethods[key].title);
    for (const title of ['Result', 'Difference to BCE', 'Learning curves', 'AP by class along the ladder']) {
      expect(html).toContain(`<h2>${title}</h2>`);
    }
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(html).toContain((100 * result.summaries[0].mAP.total.mean).toFixed(1));
    expect(html).toContain('learningRate');
    expect(html).toContain(result.runs[0].environment.cpu);
  });
});

it('every step of the ladder follows one that is there', () => {
  const keys = Object.keys(qualityMethods);
  for (const [i, method] of Object.values(qualityMethods).entries()) {
    if ('after' in method) expect(keys.slice(0, i)).toContain(method.after);
  }
});
