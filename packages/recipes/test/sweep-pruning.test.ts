import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  collectSweep,
  type Manifest,
  planSweep,
  type Runner,
  type RunOrder,
  type RunWatch,
  readManifest,
  runFolder,
  stateOf,
  summarizePoints,
  UsageError,
  workOn,
} from '../src/node/index.ts';
import { ashaBar } from '../src/node/sweep/prune/asha-bar.ts';
import { type History, readHistory } from '../src/node/sweep/prune/history.ts';
import { medianBar } from '../src/node/sweep/prune/median-bar.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-pruning-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Values of the epochs from the first; those that were not evaluated left out. */
const history = (...values: (number | undefined)[]): History =>
  values.flatMap((value, i) => (value === undefined ? [] : [{ epoch: i + 1, value }]));

describe('the median rule', () => {
  const rule = { rule: 'median', fromEpoch: 2, afterRuns: 3 } as const;
  const done = [history(1, 3, 100), history(2, 2), history(5, 7), history(0, 2)];

  it('asks for the median of the mean values up to the epoch', () => {
    // Means up to epoch 2: 2, 2, 6 and 1.
    expect(medianBar(history(0, 0), done, rule)).toBe(2);
    expect(medianBar(history(0, 0), done.slice(0, 3), rule)).toBe(2);
    expect(medianBar(history(0, 0, 0), done, rule)).toBe((2 + 6) / 2);
  });

  it('lets all go on before its epoch, and before enough runs are done', () => {
    expect(medianBar(history(0), done, rule)).toBeUndefined();
    expect(medianBar(history(0, 0), done.slice(0, 2), rule)).toBeUndefined();
    // A run that was first evaluated later says nothing yet.
    expect(medianBar(history(0, 0), [...done.slice(0, 2), history(undefined, undefined, 4)], rule)).toBeUndefined();
  });

  it('takes runs that came to no number as the worst', () => {
    const broken = Array.from({ length: 3 }, () => history(Number.NEGATIVE_INFINITY, 1));
    expect(medianBar(history(0, 0), broken, rule)).toBe(Number.NEGATIVE_INFINITY);
    expect(medianBar(history(0, 0), [...broken.slice(0, 1), history(1, 1), history(3, 3)], rule)).toBe(1);
  });
});

describe('asynchronous successive halving', () => {
  const rule = { rule: 'asha', fromEpoch: 1, factor: 2 } as const;

  it('asks at rungs of 1, η, η² … epochs for the value of the best ⌊n/η⌋, this run counted', () => {
    const others = [history(1, 5), history(2, 6), history(3, 7), history(4)];
    expect(ashaBar(history(0), others, rule)).toBe(3);
    expect(ashaBar(history(0, 0), others, rule)).toBe(6);
    expect(ashaBar(history(0, 0, 9), others, rule)).toBeUndefined();
    expect(ashaBar(history(0, 0, 9, 9), others, rule)).toBeUndefined();
    expect(ashaBar(history(0, 8), others.slice(0, 1), rule)).toBe(8);
  });

  it('lets all go on where fewer than η have come', () => {
    expect(ashaBar(history(0), [], rule)).toBeUndefined();
    expect(ashaBar(history(0), [history(1)], rule)).toBe(1);
    expect(ashaBar(history(0), [history(1), history(1)], { ...rule, factor: 4 })).toBeUndefined();
  });

  it('takes the next evaluation where the epoch of a rung is not evaluated', () => {
    const every3 = (a: number, b: number): History => history(undefined, undefined, a, undefined, undefined, b);
    // Rungs at 1 and 2 are both passed at epoch 3, that at 4 at epoch 6.
    expect(ashaBar(every3(0, 0).slice(0, 1), [every3(5, 7)], rule)).toBe(5);
    expect(ashaBar(every3(0, 0), [every3(5, 7)], rule)).toBe(7);
  });

  it('with a first rung later lets the epochs before it pass', () => {
    const late = { ...rule, fromEpoch: 3 };
    expect(ashaBar(history(0, 0), [history(1, 1, 1)], late)).toBeUndefined();
    expect(ashaBar(history(0, 0, 0), [history(1, 1, 1)], late)).toBe(1);
  });
});

it('the history of a run is read from its log, each epoch once, a torn line left out', () => {
  const run = join(folder, 'run');
  mkdirSync(run);
  const line = (stage: string, epoch: number, metrics?: object): string =>
    JSON.stringify({ kind: 'epoch', stage, epoch, step: 1, loss: 1, terms: {}, metrics });
  const lines = [
    JSON.stringify({ kind: 'step', stage: 'a', epoch: 0, step: 1, loss: 1, terms: {} }),
    line('a', 0),
    line('b', 0, { mAP: 0.5 }),
    line('b', 0, { mAP: 0.25 }),
    line('b', 1, { mAP: null }),
    line('b', 2, { CF1: 1 }),
  ];
  writeFileSync(join(run, 'metrics.jsonl'), `${lines.join('\n')}\n${line('b', 3, { mAP: 1 }).slice(0, 40)}`);
  expect(readHistory(run, { metric: 'mAP', mode: 'max' })).toEqual([
    { epoch: 2, value: 0.25 },
    { epoch: 3, value: Number.NEGATIVE_INFINITY },
  ]);
  expect(readHistory(run, { metric: 'mAP', mode: 'min' })[0]).toEqual({ epoch: 2, value: -0.25 });
  expect(readHistory(join(folder, 'none'), { metric: 'mAP', mode: 'max' })).toEqual([]);
});

const recipe = 'loss: { name: focal }\nevaluation: { select: { metric: mAP } }\n';
writeFileSync(join(folder, 'recipe.yaml'), recipe);
const quiet = { onProgress: () => {} };
/** What varies; it stands for how good the run is: 1 is best. */
const entry = 'method.options.optimizer.learningRate';

function plan(name: string, text: string, from = 'recipe.yaml'): Promise<Manifest> {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `recipe: ${from}\n${text}`);
  return planSweep(file, join(folder, name));
}

/** Trains for 8 epochs, in each of which a run comes to its learning rate; its test score is the contrary. */
const epochs = 8;
const trains: Runner = {
  async run({ folder: path, recipe: { settings } }: RunOrder, { onEvaluation, signal }: RunWatch) {
    const rate = Number(/learningRate=([\d.]+)/.exec(settings.join(' '))?.[1]);
    mkdirSync(path, { recursive: true });
    const log = join(path, 'metrics.jsonl');
    for (let epoch = 0; epoch < epochs; epoch++) {
      const before = existsSync(log) ? readFileSync(log, 'utf8') : '';
      const line = {
        kind: 'epoch',
        stage: 'train',
        epoch,
        step: epoch + 1,
        loss: 1,
        terms: {},
        metrics: { mAP: rate },
      };
      writeFileSync(log, `${before}${JSON.stringify(line)}\n`);
      if (epoch < epochs - 1) onEvaluation?.();
      signal?.throwIfAborted();
    }
    writeFileSync(join(path, 'summary.json'), JSON.stringify({ mAP: { total: 1 - rate } }));
  },
};

async function workOff(sweep: Manifest): Promise<string[]> {
  const outcomes: string[] = [];
  for (const run of sweep.runs) outcomes.push((await workOn(sweep, run, trains, quiet)).outcome);
  return outcomes;
}

describe('a sweep that prunes', () => {
  const rates = (...values: number[]): string => `grid: { ${entry}: [${values.join(', ')}] }\n`;

  it('by the median stops what is worse, as soon as enough runs are done, always the same', async () => {
    const text = `prune: { rule: median, fromEpoch: 2, afterRuns: 3 }\n${rates(0.5, 0.1, 0.4, 0.3, 0.45, 0.2, 0.43)}`;
    for (const name of ['median', 'median-again']) {
      const sweep = await plan(name, text);
      expect(sweep.prune).toEqual({
        by: { rule: 'median', fromEpoch: 2, afterRuns: 3 },
        ...{ metric: 'mAP', mode: 'max' },
      });
      expect(await workOff(sweep)).toEqual(['done', 'done', 'done', 'pruned', 'done', 'pruned', 'done']);
      // 0.3 is below the median of 0.5, 0.1 and 0.4; 0.2 and not 0.43 below that of these and 0.45.
      const again = readManifest(sweep.folder);
      expect(again.prune).toEqual(sweep.prune);
      expect(again.runs.map((run) => stateOf(again, run))).toEqual(states(sweep));
      const { pruned } = collectSweep(again)[3];
      expect(pruned).toEqual({ epoch: 2, value: 0.3, bar: 0.4 });
      // It is left alone from now on.
      expect(await workOn(again, again.runs[3], trains, quiet)).toEqual({ run: again.runs[3], outcome: 'pruned' });
    }
  });

  const states = (sweep: Manifest): string[] => sweep.runs.map((run) => stateOf(sweep, run));

  it('by successive halving lets the best of a rung go on', async () => {
    const sweep = await plan('asha', `prune: { rule: asha, factor: 2 }\n${rates(0.2, 0.1, 0.3, 0.25, 0.4)}`);
    // The first has nobody beside it. 0.1 falls behind at the first rung, 0.25 at the second, which 0.1 has not reached.
    expect(await workOff(sweep)).toEqual(['done', 'pruned', 'done', 'pruned', 'done']);
    expect(readFileSync(join(runFolder(sweep, sweep.runs[1]), 'metrics.jsonl'), 'utf8').split('\n')).toHaveLength(2);
  });

  it('compares runs with one seed, and gives a point no mean of which a run was pruned', async () => {
    const sweep = await plan('seeds', `seeds: [1, 2]\nprune: { rule: asha, factor: 2 }\n${rates(0.2, 0.1)}`);
    expect(await workOff(sweep)).toEqual(['done', 'done', 'pruned', 'pruned']);
    expect(summarizePoints(collectSweep(sweep))).toMatchObject([
      { seeds: 2, pruned: 0, measures: { 'mAP.total': { mean: 0.8 } } },
      { seeds: 0, pruned: 2, measures: {} },
    ]);
  });

  it('does what was pruned when it is planned again without', async () => {
    const sweep = await plan('later', `prune: { rule: asha, factor: 2 }\n${rates(0.2, 0.1)}`);
    await workOff(sweep);
    const whole = await plan('later', rates(0.2, 0.1));
    expect(states(whole)).toEqual(['done', 'stopped']);
    expect(await workOff(whole)).toEqual(['already', 'done']);
  });

  it('takes a run as done that was at its end before it was told to stop', async () => {
    const sweep = await plan('late', `prune: { rule: asha, factor: 2 }\n${rates(0.2, 0.1)}`);
    const deaf: Runner = { run: (order, watch) => trains.run(order, { ...watch, signal: undefined }) };
    for (const run of sweep.runs) await workOn(sweep, run, deaf, quiet);
    expect(states(sweep)).toEqual(['done', 'done']);
    expect(existsSync(join(sweep.folder, 'pruned', `${sweep.runs[1].id}.json`))).toBe(false);
  });

  it('is stopped by its user without a verdict', async () => {
    const sweep = await plan('user', `prune: { rule: asha, factor: 2 }\n${rates(0.2)}`);
    const stop = new AbortController();
    const stops: Runner = {
      run(order, watch) {
        stop.abort(new Error('stopped'));
        return trains.run(order, watch);
      },
    };
    await expect(workOn(sweep, sweep.runs[0], stops, { ...quiet, signal: stop.signal })).rejects.toThrow('stopped');
    expect(states(sweep)).toEqual(['stopped']);
  });

  it.each([
    ['prune: { rule: asha, factor: 1 }', /refused\.yaml:2: prune\.factor: should be at least 2/],
    ['prune: { rule: best }', /prune.*should be one of median, asha/],
    ['prune: { rule: median, factor: 2 }', /prune: unknown "factor"/],
    ['prune: { rule: median }\nset: { evaluation.select: null }', /prune: needs evaluation\.select/],
    [
      'prune: { rule: median }\nset: { evaluation.selection: published }',
      /does not work with evaluation.selection: published/,
    ],
    [
      'prune: { rule: median }\ngrid: { evaluation.select.metric: [mAP, CF1] }',
      /different measures, mAP \(max\) and CF1 \(max\)/,
    ],
  ])('is refused: %s', async (text, message) => {
    const planned = plan('refused', text);
    await expect(planned).rejects.toThrow(UsageError);
    await expect(planned).rejects.toThrow(message);
  });
});
