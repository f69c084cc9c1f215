import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InputSource } from '@ltml/data';
import { FeatureStore, LocalRunner, type Runner } from '@ltml/recipes/node';
import { DataError, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseRows } from '../src/suites/choose-rows.ts';
import { plannedRuns } from '../src/suites/planned-run.ts';
import { readResults, writeReport } from '../src/suites/report.ts';
import { type FailedRun, type FinishedRun, type RunSuitesOptions, runSuites } from '../src/suites/run-suite.ts';
import { readSuite } from '../src/suites/suite.ts';
import { formatSuite } from '../src/suites/table.ts';

const recipes = fileURLToPath(new URL('../../packages/classifier/recipes/digits/quick', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'suites-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two rows and two seeds, a few steps each. */
const text = `
title: Two rows
question: Which is better?
seeds: [1, 2]
measures: average-precision
baseline: bce
seconds: 1
notes: [A note.]
rows:
  bce: { recipe: ${recipes}/bce.yaml, title: BCE, description: As it is. }
  rs: { recipe: ${recipes}/rs.yaml, title: + class-aware sampling, description: Drawn by class., after: bce }
`;
const file = join(folder, 'two.yaml');
writeFileSync(file, text);

/** A few steps on few images: the rest of the training images is held out. */
const settings = [
  'features.views=0',
  'data.validation={ share: 0.8 }',
  'encoder={ name: resnet-tiny, imageSize: 16 }',
  'steps=2',
];

/** Numbers by set and image in place of what the network makes of them, which takes long. */
class DrawnFeatures extends FeatureStore {
  override async get(key: string): Promise<InputSource> {
    const streams = new RandomStreams(1);
    const of = (image: number): number[] => {
      const stream = streams.derive(key, image);
      return Array.from({ length: 96 }, () => stream.uniform());
    };
    return { length: 0, shape: [96], read: async (indices) => Float32Array.from(Array.from(indices).flatMap(of)) };
  }
}

const features = new DrawnFeatures();

async function bench(out: string, options: Partial<RunSuitesOptions> = {}): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  const source = { suite: readSuite(file), file };
  const runners = [new LocalRunner(features)];
  await runSuites([source], { folder: out, settings, runners, onRun: (run) => runs.push(run), ...options });
  return runs;
}

const values = (out: string) =>
  readResults(out).map(({ runs, measures, rows }) => ({
    runs: runs.map((run) => [run.row, run.seed, measures.of(run)]),
    differences: rows.map(({ difference }) => difference),
  }));

describe('runSuites', { timeout: 120_000 }, () => {
  const whole = join(folder, 'whole');
  let runs: FinishedRun[];
  beforeAll(async () => {
    runs = await bench(whole);
  }, 60_000);

  it('runs every recipe with every seed, each into a run folder', () => {
    expect(runs.map(({ title, seed, already }) => [title, seed, already])).toEqual([
      ['BCE', 1, false],
      ['+ class-aware sampling', 1, false],
      ['BCE', 2, false],
      ['+ class-aware sampling', 2, false],
    ]);
    expect(runs.map(({ done }) => done)).toEqual([0.25, 0.5, 0.75, 1]);
    const summary = readFileSync(join(whole, 'two', 'rs', 'seed-2', 'summary.json'), 'utf8');
    expect((JSON.parse(summary) as { mAP: { total: number } }).mAP.total).toBe(runs[3].measures?.total);
  });

  it('goes on after it was stopped in a run, and comes to the same', async () => {
    const out = join(folder, 'stopped');
    const stop = new AbortController();
    const reason = new Error('stopped');
    const finished: FinishedRun[] = [];
    const onProgress = (done: number): void => {
      if (done > 0.25) stop.abort(reason);
    };
    await expect(bench(out, { signal: stop.signal, onProgress, onRun: (run) => finished.push(run) })).rejects.toBe(
      reason,
    );
    expect(finished).toHaveLength(1);
    expect(readResults(out)[0].runs).toHaveLength(1);
    const resumed = await bench(out);
    expect(resumed.map(({ already }) => already)).toEqual([true, false, false, false]);
    expect(values(out)).toEqual(values(whole));
  });

  it('goes on after a run that fails, and gives it back', async () => {
    const here = new LocalRunner(features);
    const broken: Runner = {
      run: async (order, watch) => {
        if (/rs.seed-1/.test(order.folder)) throw new Error('lost');
        await here.run(order, watch);
      },
    };
    const failures: FailedRun[] = [];
    const out = join(folder, 'broken');
    const finished = await bench(out, { runners: [broken], onFailure: (failure) => failures.push(failure) });
    expect(finished).toHaveLength(3);
    expect(finished[2].done).toBe(1);
    expect(failures.map(({ planned, error }) => [planned.row, planned.seed, String(error)])).toEqual([
      ['rs', 1, 'Error: lost'],
    ]);
    expect((await bench(out)).map(({ already }) => already)).toEqual([true, true, true, false]);
    expect(values(out)).toEqual(values(whole));
  });

  it('goes on over a run whose recipe left the CLIP of its method to it', async () => {
    const teacher = fileURLToPath(new URL('../../packages/mkt/recipes/digits/full/teacher.yaml', import.meta.url));
    const own = join(folder, 'clip.yaml');
    writeFileSync(
      own,
      `
title: One row
question: What can it do?
seeds: [1]
measures: unseen-classes
seconds: 1
notes: [A note.]
rows: { teacher: { recipe: ${teacher}, set: [data.share=0.02, batchSize=8], title: Teacher, description: As it is. } }
`,
    );
    const options = { folder: join(folder, 'clip'), onRun: ({ already }: FinishedRun) => there.push(already) };
    const there: boolean[] = [];
    const source = { suite: readSuite(own), file: own };
    await runSuites([source], options);
    await runSuites([source], options);
    expect(there).toEqual([false, true]);
  });

  it('refuses a folder with runs of other recipes', async () => {
    for (const setting of ['batchSize=8', 'method.options.optimizer.learningRate=0.05']) {
      await expect(bench(whole, { settings: [...settings, setting] })).rejects.toThrow(/a run of another recipe/);
    }
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await bench(join(folder, 'again'));
    expect(tf.memory().numTensors).toBe(before);
  });

  describe('the report', () => {
    it('is made of run folders, wherever they lie', async () => {
      const moved = join(folder, 'moved');
      cpSync(whole, moved, { recursive: true });
      const [result] = readResults(moved);
      const [bce, rs] = result.rows;
      expect(bce.difference).toBeUndefined();
      expect(rs.difference?.total.difference).toBeCloseTo(rs.measures.total.mean - bce.measures.total.mean, 10);
      expect(rs.difference?.total.low).toBeLessThanOrEqual(rs.difference?.total.difference ?? -1);
      expect(rs.difference?.total.high).toBeGreaterThanOrEqual(rs.difference?.total.difference ?? 1);
      expect(rs.increments).toEqual(rs.perClass.map((value, c) => value - bce.perClass[c]));
      const lines = formatSuite(result);
      expect(lines.find((line) => line.startsWith('BCE'))).toContain(`${(100 * bce.measures.total.mean).toFixed(1)} ±`);
      expect(lines.some((line) => line.startsWith('+ class-aware sampling − BCE'))).toBe(true);
    });

    it('is a page on its own, without request, with words, tables, plots, test images and settings', async () => {
      const html = readFileSync(await writeReport(whole, readResults(whole)), 'utf8');
      // The namespaces of SVG are names, not requests; url(#…) points into the page.
      const page = html.replaceAll('http://www.w3.org/', '');
      expect(page.match(/<link|src="(?!data:)|@import|url\((?!#)|https?:|fetch|import\(/g)).toBeNull();
      expect(page.match(/<script/g)).toHaveLength(1);
      expect(html.match(/<svg /g)).toHaveLength(4);
      expect(html.match(/src="data:image\/png/g)).toHaveLength(8);
      for (const part of [
        'Two rows',
        'Highest mAP total',
        '4 differences of this suite, Holm',
        'Test images',
        'By class',
        'How it was measured',
        'A note.',
        'sampler.name: class-aware',
        'settings that all rows share',
        'ltml train ',
      ]) {
        expect(html).toContain(part);
      }
    });

    it('names a file that is damaged, and says what is wrong with it', () => {
      const copy = join(folder, 'damaged');
      cpSync(whole, copy, { recursive: true });
      const run = join(copy, 'two', 'rs', 'seed-2');
      for (const [name, content, message] of [
        ['config.json', '{"seed":', /config\.json .*JSON/],
        ['environment.json', '[]', /environment\.json /],
        [
          'per-class.json',
          '[{"name": "red zero", "trainCount": 3, "group": "tail"}]',
          /predictions\.safetensors .*20 classes instead of 1/,
        ],
        ['predictions.safetensors', 'x', /predictions\.safetensors /],
        ['metrics.jsonl', '{"kind": "epoch"}\n', /metrics\.jsonl, line 1/],
        ['model/model.json', '{}', /model\.json .*training/],
      ] as const) {
        const whole = readFileSync(join(run, name));
        writeFileSync(join(run, name), content);
        expect(() => readResults(copy), name).toThrow(expect.toSatisfy(DataError.is));
        expect(() => readResults(copy), name).toThrow(message);
        writeFileSync(join(run, name), whole);
      }
      expect(values(copy)).toEqual(values(whole));
      writeFileSync(join(copy, 'two', 'suite.json'), '{}');
      expect(() => readResults(copy)).toThrow(/suite\.json .*title/);
    });

    it('needs a finished run', () => {
      const out = join(folder, 'unfinished');
      cpSync(whole, out, { recursive: true });
      for (const row of ['bce', 'rs']) rmSync(join(out, 'two', row), { recursive: true });
      expect(() => readResults(out)).toThrow(/with a finished run/);
    });
  });
});

it('a preparation gives a row the network that it trained with the same seed', async () => {
  const prepared = join(folder, 'prepared.yaml');
  const row = (name: string, more = ''): string =>
    `  ${name}: { recipe: ${recipes}/bce.yaml, title: ${name}, description: A row.${more} }\n`;
  writeFileSync(
    prepared,
    'title: T\nquestion: Q\nseeds: [1, 2]\nmeasures: average-precision\nseconds: 1\nbaseline: plain\n' +
      `preparations: { trained: { recipe: ${recipes}/rs.yaml }, other: { recipe: ${recipes}/rs.yaml } }\n` +
      `rows:\n${row('plain')}${row('after', ', encoder: trained')}`,
  );
  const runs = await plannedRuns({ suite: readSuite(prepared), file: prepared }, { folder: 'out' });
  const weights = ({ resolved }: (typeof runs)[0]): unknown => resolved.encoder.run;
  expect(runs.map((run) => [run.row, run.seed, weights(run)])).toEqual([
    ['trained', 1, undefined],
    ['plain', 1, undefined],
    ['after', 1, join('out', 'prepared', 'trained', 'seed-1')],
    ['trained', 2, undefined],
    ['plain', 2, undefined],
    ['after', 2, join('out', 'prepared', 'trained', 'seed-2')],
  ]);
});

describe('readSuite', () => {
  it.each([
    ['measures: average-precision', 'measures: mAP', /two\.yaml:5: measures: /],
    ['after: bce', 'after: bcd', /two\.yaml:\d+: rows\.rs\.after: "bcd" does not exist/],
    ['baseline: bce', 'baseline: rss', /two\.yaml:6: baseline: "rss" does not exist/],
    ['seeds: [1, 2]', 'seeds: []', /two\.yaml:4: seeds: /],
    ['question: Which is better?', 'quetsion: Which?', /two\.yaml:3: unknown "quetsion" \(question\?\)/],
  ])('names line and entry of a mistake: %s', (right, wrong, message) => {
    const broken = join(folder, 'broken');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'two.yaml'), text.replace(right, wrong));
    expect(() => readSuite(join(broken, 'two.yaml'))).toThrow(message);
  });
});

describe('chooseRows', () => {
  it('keeps rows with those that they are compared with, and steps that are still there', () => {
    const suite = readSuite(file);
    const [chosen] = chooseRows([suite], ['rs']);
    expect(chosen).toEqual(suite);
    const [alone] = chooseRows([{ ...suite, baseline: undefined }], ['rs']);
    expect(Object.keys(alone.rows)).toEqual(['rs']);
    expect(alone.rows.rs.after).toBeUndefined();
    expect(() => chooseRows([suite], ['rt'])).toThrow(/--rows: unknown "rt"; known: bce, rs/);
  });
});
