import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import {
  collectSweep,
  planSweep,
  type Runner,
  type RunOrder,
  readAttempts,
  readManifest,
  runFolder,
  stateOf,
  summarizePoints,
  UsageError,
  workOn,
} from '../src/node/index.ts';
import { pointsOf } from '../src/node/sweep/points.ts';
import { sobolPoints } from '../src/node/sweep/sobol.ts';
import { readSweep } from '../src/node/sweep/sweep-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'recipe.yaml'), 'loss: { name: focal }\nseed: 7\n');

function sweepFile(name: string, text: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `recipe: recipe.yaml\n${text}`);
  return file;
}

const plan = (name: string, text: string): ReturnType<typeof planSweep> =>
  planSweep(sweepFile(name, text), join(folder, name));

const quiet = { onProgress: () => {} };

/** Leaves what a finished run leaves, whose score is its seed. */
const finishes: Runner = {
  run: async ({ folder: path, recipe }: RunOrder) => {
    mkdirSync(path, { recursive: true });
    const seed = Number(/seed=(\d+)/.exec(recipe.settings.join(' '))?.[1]);
    const summary = { mAP: { total: seed / 10 }, steps: 5, metrics: { mAP: seed / 20 }, best: { value: 1, step: 3 } };
    writeFileSync(join(path, 'summary.json'), JSON.stringify(summary));
  },
};

const fails = (error: Error): Runner => ({
  run: async () => {
    throw error;
  },
});

it('tells how far the planning of many runs is', async () => {
  const told: [number, number][] = [];
  const file = sweepFile('many', `seeds: [${Array.from({ length: 230 }, (_, i) => i)}]`);
  const { runs } = await planSweep(file, join(folder, 'many'), { onProgress: (...at) => told.push(at) });
  expect(runs).toHaveLength(230);
  expect(told).toEqual([100, 200, 230].map((done) => [done, 230]));
});

describe('the points of a sweep', () => {
  const points = (text: string) => pointsOf(readSweep(sweepFile('points', text)));

  it('are every combination of a grid, the last entry fastest', () => {
    expect(points('grid: { a: [1, 2], b.c: [x, y] }')).toEqual([
      { a: 1, 'b.c': 'x' },
      { a: 1, 'b.c': 'y' },
      { a: 2, 'b.c': 'x' },
      { a: 2, 'b.c': 'y' },
    ]);
  });

  it('are those of a list, or one', () => {
    expect(points('list: [{ a: 1 }, { b: 2 }]')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(points('')).toEqual([{}]);
  });

  const over =
    'over: { rate: { from: 1.0e-5, to: 0.1, scale: log }, k: { from: 1, to: 4, whole: true }, loss: [a, b] }';

  it.each(['random', 'sobol'])(
    '%s are inside their ranges, reach all of them, and the first stay when there are more',
    (kind) => {
      const few = points(`${kind}: { count: 64, seed: 3, ${over} }`);
      const many = points(`${kind}: { count: 256, seed: 3, ${over} }`);
      expect(many.slice(0, 64)).toEqual(few);
      for (const { rate, k, loss } of many as { rate: number; k: number; loss: string }[]) {
        expect(rate).toBeGreaterThanOrEqual(1e-5);
        expect(rate).toBeLessThanOrEqual(0.1);
        expect([1, 2, 3, 4]).toContain(k);
        expect(['a', 'b']).toContain(loss);
      }
      for (const k of [1, 2, 3, 4]) {
        // A quarter each, for random draws within four standard deviations.
        expect(Math.abs(many.filter((point) => point.k === k).length - 64)).toBeLessThan(kind === 'sobol' ? 4 : 28);
      }
      const below = many.filter(({ rate }) => (rate as number) < 1e-3).length;
      expect(Math.abs(below - 128)).toBeLessThan(kind === 'sobol' ? 4 : 32);
      expect(points(`${kind}: { count: 64, seed: 4, ${over} }`)).not.toEqual(few);
    },
  );

  it('of the Sobol sequence are those of PyTorch 2.15', () => {
    const expected = [
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75, 0.75, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25, 0.25, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375, 0.875, 0.875, 0.625],
      [0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375, 0.375, 0.125],
      [0.625, 0.125, 0.875, 0.625, 0.625, 0.875, 0.125, 0.125, 0.125, 0.375],
      [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625, 0.625, 0.875],
      [0.1875, 0.3125, 0.9375, 0.4375, 0.5625, 0.3125, 0.4375, 0.9375, 0.9375, 0.3125],
    ];
    expect(sobolPoints(8, 10)).toEqual(expected);
  });

  it.each([
    ['grid: { a: [] }', /points\.yaml:2: grid\.a: should list at least one value/],
    ['grid: { a: [1] }\nlist: [{ a: 1 }]', /points\.yaml:3: list: conflicts with grid/],
    ['random: { count: 0, over: { a: [1] } }', /random\.count/],
    ['random: { count: 2, over: { a: { from: 0, to: 1, scale: log } } }', /from should be above 0/],
    ['random: { count: 2, over: { a: { from: 2, to: 1 } } }', /from should be less than to/],
    ['attempts: 0', /attempts/],
    ['grid: { a: [1], __proto__: [1] }', /points\.yaml:2: grid\.__proto__: no entry can have this name/],
    ['set: { __proto__: 1 }', /set\.__proto__: no entry can have this name/],
    ['list: [{ a: 1 }, { a: { __proto__: 1 } }]', /list\.1\.a\.__proto__: no entry can have this name/],
    ['sobol: { count: 2, over: { __proto__: { from: 0, to: 1 } } }', /sobol\.over\.__proto__: no entry/],
    ['gird: { a: [1] }', /unknown "gird" \(grid\?\)/],
  ])('refuses %s', (text, message) => {
    expect(() => points(text)).toThrow(UsageError);
    expect(() => points(text)).toThrow(message);
  });
});

describe('a planned sweep', () => {
  it('has a run for each point and seed, known by its recipe, whatever way leads to it', async () => {
    const sweep = await plan('grid', 'seeds: [1, 2]\ngrid: { loss.name: [ranking, focal] }');
    expect(sweep.runs.map(({ point, seed }) => [point, seed])).toEqual([
      [{ 'loss.name': 'ranking' }, 1],
      [{ 'loss.name': 'ranking' }, 2],
      [{ 'loss.name': 'focal' }, 1],
      [{ 'loss.name': 'focal' }, 2],
    ]);
    const { repeated: _, notes, ...manifest } = sweep;
    expect(notes).toEqual([]);
    expect(readManifest(join(folder, 'grid'))).toEqual(manifest);
    const listed = await plan('listed', 'list: [{ loss: { name: ranking } }, { loss.name: ranking }, {}]');
    expect(listed.repeated).toBe(1);
    expect(listed.runs.map(({ seed }) => seed)).toEqual([7, 7]);
    const one = await plan('one', 'set: { loss.name: ranking }');
    expect(one.runs[0].id).toBe(listed.runs[0].id);
    expect(one.runs[0].id).not.toBe(sweep.runs[0].id);
  });

  it('is refused for a mistake in the recipe of any run, and then leaves no manifest', async () => {
    await expect(plan('wrong', 'grid: { batchSize: [8, zero] }')).rejects.toThrow(
      /wrong\.yaml: batchSize: should be a whole number/,
    );
    await expect(plan('typo', 'grid: { loss.nam: [ranking] }')).rejects.toThrow(UsageError);
    expect(existsSync(join(folder, 'wrong', 'manifest.jsonl'))).toBe(false);
  });

  it('names the line of a manifest that is damaged', async () => {
    await plan('damaged', 'seeds: [1, 2]');
    appendFileSync(join(folder, 'damaged', 'manifest.jsonl'), '{"id":"x"}\n');
    expect(() => readManifest(join(folder, 'damaged'))).toThrow(DataError);
    expect(() => readManifest(join(folder, 'damaged'))).toThrow(/manifest\.jsonl:4/);
    expect(() => readManifest(folder)).toThrow(/has no manifest/);
  });
});

describe('work on a sweep', () => {
  it('does each run once, and collects them by point', async () => {
    const sweep = await plan('work', 'seeds: [1, 3]\ngrid: { loss.name: [ranking, focal] }');
    const outcomes: string[] = [];
    for (const run of [...sweep.runs, sweep.runs[0]])
      outcomes.push((await workOn(sweep, run, finishes, quiet)).outcome);
    expect(outcomes).toEqual(['done', 'done', 'done', 'done', 'already']);
    const summary = summarizePoints(collectSweep(sweep));
    expect(summary.map(({ point, seeds }) => [point, seeds])).toEqual([
      [{ 'loss.name': 'ranking' }, 2],
      [{ 'loss.name': 'focal' }, 2],
    ]);
    expect(summary[0].measures).toEqual({
      'mAP.total': { mean: 0.2, deviation: expect.closeTo(Math.SQRT2 / 10, 12) },
      'validation.mAP': { mean: 0.1, deviation: expect.closeTo(Math.SQRT2 / 20, 12) },
      'validation.best': { mean: 1, deviation: 0 },
    });
    // Planned again with more, what was done stays done.
    const grown = await plan('work', 'seeds: [1, 3, 4]\ngrid: { loss.name: [focal, ranking] }');
    expect(grown.runs.map((run) => stateOf(grown, run))).toEqual([
      'done',
      'done',
      'waiting',
      'done',
      'done',
      'waiting',
    ]);
  });

  it('tries a run that fails as often as it says, then leaves it alone; one that is wrong it tries once', async () => {
    const sweep = await plan('failing', 'seeds: [1, 2]\nattempts: 2');
    const [first, second] = sweep.runs;
    const crash = fails(new Error('out of memory'));
    expect(await workOn(sweep, first, crash, quiet)).toMatchObject({ outcome: 'failed', final: false });
    expect(stateOf(sweep, first)).toBe('waiting');
    expect(await workOn(sweep, first, crash, quiet)).toMatchObject({ outcome: 'failed', final: true });
    expect(readAttempts(sweep, first)).toEqual({ failed: 2, reason: 'out of memory', final: false });
    expect(stateOf(sweep, first)).toBe('failed');
    expect(await workOn(sweep, first, finishes, quiet)).toMatchObject({ outcome: 'failed', final: true });
    const wrong = fails(new UsageError('no such file'));
    expect(await workOn(sweep, second, wrong, quiet)).toMatchObject({ reason: 'no such file', final: true });
    expect(stateOf(sweep, second)).toBe('failed');
  });

  it('says why a run failed in one line, with the file that the system names', async () => {
    const sweep = await plan('reasons', 'seeds: [1, 2, 3]');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { path: '/data/model' });
    const reasons: unknown[] = [];
    for (const [i, error] of [full, new UsageError('a: wrong', 'b: wrong'), 'odd'].entries()) {
      reasons.push((await workOn(sweep, sweep.runs[i], fails(error as Error), quiet)).reason);
    }
    expect(reasons).toEqual(['/data/model: ENOSPC: no space left on device, write', 'a: wrong; b: wrong', 'odd']);
  });

  it('leaves it to another process that had the run a moment ago', async () => {
    const sweep = await plan('race', '');
    const [run] = sweep.runs;
    const late: Runner = {
      async run(order, watch) {
        await finishes.run(order, watch);
        throw new Error('a folder in which another process works');
      },
    };
    expect(await workOn(sweep, run, late, quiet)).toEqual({ run, outcome: 'already' });
    expect(readAttempts(sweep, run)).toBeUndefined();
  });

  it('counts no failure where it is stopped', async () => {
    const sweep = await plan('stopping', '');
    const [run] = sweep.runs;
    const stop = new AbortController();
    const reason = new Error('stopped');
    const stopped: Runner = {
      run: async ({ folder: path }) => {
        mkdirSync(path, { recursive: true });
        stop.abort(reason);
        throw reason;
      },
    };
    await expect(workOn(sweep, run, stopped, { ...quiet, signal: stop.signal })).rejects.toBe(reason);
    expect(readAttempts(sweep, run)).toBeUndefined();
    expect(stateOf(sweep, run)).toBe('stopped');
    expect(await workOn(sweep, run, finishes, quiet)).toMatchObject({ outcome: 'done' });
  });

  it('leaves a run alone that a process works on', async () => {
    const sweep = await plan('busy', '');
    const [run] = sweep.runs;
    const path = runFolder(sweep, run);
    mkdirSync(path, { recursive: true });
    const owner = { pid: process.pid, host: 'elsewhere', started: null, id: 'x' };
    writeFileSync(join(path, 'run.1.lock'), JSON.stringify(owner));
    expect(stateOf(sweep, run)).toBe('running');
    expect(await workOn(sweep, run, finishes, quiet)).toMatchObject({ outcome: 'busy' });
  });

  it('refuses a recipe that has changed since', async () => {
    const file = join(folder, 'changing.yaml');
    writeFileSync(file, 'loss: { name: ranking }\n');
    const path = sweepFile('changed', '');
    writeFileSync(path, 'recipe: changing.yaml\n');
    const sweep = await planSweep(path, join(folder, 'changed'));
    writeFileSync(file, 'loss: { name: focal }\n');
    expect(await workOn(sweep, sweep.runs[0], finishes, quiet)).toMatchObject({
      outcome: 'failed',
      final: true,
      reason: expect.stringContaining('has changed since the sweep was planned'),
    });
  });
});

it('a sweep of 500 runs is planned, read and told of by its files', async () => {
  const sweep = await plan(
    'large',
    'random: { count: 500, over: { method.options.epochs: { from: 1, to: 1000000, whole: true } } }',
  );
  expect(sweep.runs.length + sweep.repeated).toBe(500);
  const again = readManifest(join(folder, 'large'));
  expect(again.runs).toEqual(sweep.runs);
  expect(again.runs.every((run) => stateOf(again, run) === 'waiting')).toBe(true);
  expect(readFileSync(join(folder, 'large', 'manifest.jsonl'), 'utf8').length).toBeLessThan(1e6);
});
