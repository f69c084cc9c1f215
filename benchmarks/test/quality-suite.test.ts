import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@ltml/data';
import { DataError, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LossRowKey, lossRows } from '../src/quality/long-tail/losses.ts';
import { type LongTailParts, longTailTrack } from '../src/quality/long-tail/track.ts';
import type { RunRecord } from '../src/quality/record.ts';
import { readResults } from '../src/quality/results-folder.ts';
import { type QualityResult, runQualitySuite, type SuiteProgress } from '../src/quality/suite.ts';
import { suites } from '../src/quality/tracks.ts';

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

const parts: LongTailParts = {
  train: toyDataset('toy@1/train', classCounts, 1),
  test: toyDataset('toy@1/test', [30, 30, 30], 2),
  features: 3,
};

let folder: string;
let result: QualityResult;
const progress: SuiteProgress[] = [];
const methods: LossRowKey[] = ['rs', 'r-bce', 'asl'];

const runSuite = (out: string): Promise<QualityResult> =>
  runQualitySuite({
    suite: 'quick',
    tracks: [longTailTrack('quick', { seeds: [1, 2], epochs: 4 }, async () => parts)],
    folder: out,
    methods,
    onProgress: (step) => progress.push(step),
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'suite-'));
  result = await runSuite(join(folder, 'one'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('runQualitySuite', () => {
  it('writes a record of each run and adds it to the log', () => {
    expect(
      readdirSync(join(folder, 'one', 'runs'))
        .filter((name) => name.endsWith('.json'))
        .sort(),
    ).toEqual(
      ['asl-1', 'asl-2', 'bce-1', 'bce-2', 'r-bce-1', 'r-bce-2', 'rs-1', 'rs-2'].map(
        (name) => `long-tail-${name}.json`,
      ),
    );
    const run = JSON.parse(readFileSync(join(folder, 'one', 'runs', 'long-tail-rs-2.json'), 'utf8')) as RunRecord;
    expect(run).toMatchObject({
      form: 2,
      track: 'long-tail',
      method: 'rs',
      seed: 2,
      settings: { sampler: 'class-aware', loss: { name: 'distribution-balanced' } },
      environment: { engine: tf.getBackend() },
    });
    expect(run.perClass).toHaveLength(3);
    expect(run.curve.map(({ step }) => step)).toEqual([4, 8, 12, 16]);
    expect(readFileSync(join(folder, 'results.jsonl'), 'utf8').trim().split('\n')).toHaveLength(8);
  });

  it('gives every method the same number of steps', () => {
    expect(new Set(result.runs.map(({ curve }) => curve.at(-1)?.step))).toEqual(new Set([16]));
  });

  it('learns: the loss falls and the scores are better than chance', () => {
    for (const { curve, measures } of result.runs) {
      expect(curve[3].loss).toBeLessThan(curve[0].loss);
      expect(measures.total).toBeGreaterThan(0.45);
    }
  });

  it('reports what the last step gives, as the last point of the curve', () => {
    for (const { curve, measures } of result.runs) expect(curve.at(-1)?.measures).toEqual(measures);
  });

  it('goes from the step before along the ladder, and compares with BCE', () => {
    const by = Object.fromEntries(result.tracks[0].summaries.map((summary) => [summary.key, summary]));
    expect(Object.keys(by)).toEqual(['bce', 'rs', 'r-bce', 'asl']);
    expect(by['r-bce'].increments).toEqual(by['r-bce'].perClass.map((value, c) => value - by.rs.perClass[c]));
    expect(by.asl.increments).toBeUndefined();
    expect(by.bce.difference).toBeUndefined();
    const { difference, low, high } = by.rs.difference!.total;
    expect(difference).toBeCloseTo(by.rs.measures.total.mean - by.bce.measures.total.mean, 10);
    expect(low).toBeLessThanOrEqual(difference);
    expect(high).toBeGreaterThanOrEqual(difference);
  });

  it('repeats its numbers', async () => {
    const again = await runSuite(join(folder, 'two'));
    expect(again.runs.map(({ measures }) => measures)).toEqual(result.runs.map(({ measures }) => measures));
  });

  it('goes on after the last finished run when it was stopped, and comes to the same', async () => {
    const out = join(folder, 'stopped');
    const stop = new Error('stopped');
    const finished: string[] = [];
    const run = (stopAfter: number): Promise<QualityResult> => {
      let count = 0;
      return runQualitySuite({
        suite: 'quick',
        tracks: [longTailTrack('quick', { seeds: [1, 2], epochs: 4 }, async () => parts)],
        folder: out,
        methods,
        onProgress({ at, run: done, already }) {
          if (!done || already) return;
          finished.push(at);
          if (++count === stopAfter) throw stop;
        },
      });
    };
    await expect(run(3)).rejects.toBe(stop);
    const [{ track }] = readResults(out).tracks;
    expect(Object.keys(track.methods)).toEqual(['bce', 'rs', 'r-bce', 'asl']);
    expect(readResults(out).runs).toHaveLength(3);
    await expect(run(2)).rejects.toBe(stop);
    // A record that a kill cut short is not believed.
    writeFileSync(join(out, 'runs', 'long-tail-bce-1.json'), '{"form": 2,');
    const resumed = await run(Number.POSITIVE_INFINITY);
    expect(finished).toHaveLength(9);
    expect(new Set(finished).size).toBe(8);
    const told = ({ runs, tracks }: QualityResult) => ({
      measures: runs.map(({ measures }) => measures),
      differences: tracks[0].summaries.map(({ difference }) => difference),
    });
    expect(told(resumed)).toEqual(told(result));
    expect(readResults(out)).toMatchObject({ tracks: readResults(join(folder, 'one')).tracks });
    // With other epochs it is another run.
    const changed = [longTailTrack('quick', { seeds: [1], epochs: 2 }, async () => parts)];
    const again = await runQualitySuite({ suite: 'quick', tracks: changed, folder: out, methods: ['bce'] });
    expect(again.runs.map(({ curve }) => curve.at(-1)?.step)).toEqual([8]);
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
    const { tracks, runs } = readResults(join(folder, 'one'));
    expect(tracks).toHaveLength(1);
    expect(tracks[0].track).toMatchObject({ dataset: 'toy@1', classCounts, baseline: 'bce' });
    expect(tracks[0].track.protocol).toMatch(/changed for a trial/);
    expect(runs).toHaveLength(8);
    expect(() => readResults(folder)).toThrow(
      /suite\.json should be a file of a folder that `ltml bench` wrote, got nothing/,
    );
  });

  it('names the file that is damaged, and says what is wrong with it', () => {
    const copy = join(folder, 'damaged');
    cpSync(join(folder, 'one'), copy, { recursive: true });
    const file = join(copy, 'runs', 'long-tail-rs-2.json');
    const text = readFileSync(file, 'utf8');
    const changed = (change: (run: Record<string, unknown>) => void): string => {
      const run = JSON.parse(text) as Record<string, unknown>;
      change(run);
      return JSON.stringify(run);
    };
    for (const [content, message] of [
      [text.slice(0, 40), /JSON/],
      ['', /JSON/],
      ['null', /expected object/],
      [changed((run) => (run.seconds = '<b>')), /seconds: .*expected number/],
      [changed((run) => (run.form = 1)), /form: /],
      [changed((run) => (run.measures = {})), /without the measure "total"/],
      [changed((run) => (run.perClass = [1])), /of 1 classes/],
      [changed((run) => (run.curve = [{ step: 1 }])), /curve\.0\./],
    ] as const) {
      writeFileSync(file, content);
      expect(() => readResults(copy)).toThrow(expect.toSatisfy(DataError.is));
      expect(() => readResults(copy)).toThrow(/runs.long-tail-rs-2\.json should be a file of/);
      expect(() => readResults(copy)).toThrow(message);
    }
    writeFileSync(file, text);
    expect(readResults(copy)).toEqual(readResults(join(folder, 'one')));
    const suite = join(copy, 'suite.json');
    writeFileSync(suite, readFileSync(suite, 'utf8').replace('"trainImages": ', '"trainImages": "<script>", "x": '));
    expect(() => readResults(copy)).toThrow(/suite\.json should be .*trainImages: /);
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
    for (const key of ['bce', ...methods] as LossRowKey[]) expect(html).toContain(lossRows[key].title);
    for (const title of ['Difference to BCE', 'Learning curves', 'By class', 'How it was measured']) {
      expect(html).toContain(`<h3>${title}</h3>`);
    }
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(html).toContain((100 * result.tracks[0].summaries[0].measures.total.mean).toFixed(1));
    expect(html).toContain('learningRate');
    expect(html).toContain(result.runs[0].environment.cpu);
  });
});

it.each(['quick', 'full'] as const)(
  'the tracks of %s are told apart, and each step of a ladder follows one that is there',
  (name) => {
    const tracks = suites[name]();
    expect(new Set(tracks.map(({ key }) => key)).size).toBe(tracks.length);
    for (const { methods: rows, baseline } of tracks) {
      const keys = Object.keys(rows);
      expect(keys).toContain(baseline);
      for (const [i, { after }] of Object.values(rows).entries()) {
        if (after !== undefined) expect(keys.slice(0, i)).toContain(after);
      }
    }
  },
);
