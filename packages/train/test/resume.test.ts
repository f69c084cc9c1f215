import { DataError, exportState, type HostTensor } from '@ltml/tensor';
import {
  type Checkpoint,
  type CheckpointState,
  type CheckpointStore,
  type FitOptions,
  fit,
  memoryCheckpoints,
  type Observer,
} from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { resumableRun } from './resumable-run.ts';
import { setup } from './synthetic.ts';

/** Everything a run reports but its wall-clock times. */
function recorder(stopAfter = Number.POSITIVE_INFINITY) {
  const reports: unknown[] = [];
  const controller = new AbortController();
  const observer: Observer = {
    onStep: (report) => {
      reports.push(report);
      if (report.step >= stopAfter) controller.abort();
    },
    onEpoch: ({ seconds, ...report }) => void reports.push(report),
  };
  return { reports, observers: [observer], signal: controller.signal };
}

async function weights(learner: Parameters<typeof exportState>[0]) {
  const state = await exportState(learner);
  learner.dispose();
  return state;
}

describe('a run that goes on from a checkpoint', () => {
  it('gives the reports and weights of the uninterrupted run, bit for bit, wherever it stopped', async () => {
    const whole = recorder();
    const reference = await resumableRun(whole);
    const expected = await weights(reference.learner);
    for (const stopAfter of [1, 2, 4, 5, 6, 10, 20]) {
      const store = memoryCheckpoints();
      const first = recorder(stopAfter);
      const stopped = await resumableRun({ ...first, checkpoints: { store } });
      expect(stopped.result.outcome).toBe('aborted');
      stopped.learner.dispose();
      const second = recorder();
      const { learner, result } = await resumableRun({ ...second, checkpoints: { store, resume: true } });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(result).toEqual(reference.result);
      expect(await weights(learner)).toEqual(expected);
    }
  });

  it('does so where stages have loaders of their own', async () => {
    const whole = recorder();
    const reference = await resumableRun({ ...whole, ownLoaders: true });
    const expected = await weights(reference.learner);
    for (const stopAfter of [2, 5, 6, 7, 12]) {
      const store = memoryCheckpoints();
      const first = recorder(stopAfter);
      (await resumableRun({ ...first, ownLoaders: true, checkpoints: { store } })).learner.dispose();
      const second = recorder();
      const { learner } = await resumableRun({ ...second, ownLoaders: true, checkpoints: { store, resume: true } });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(await weights(learner)).toEqual(expected);
    }
  });

  it('does so where stages end within an epoch', async () => {
    const stageSteps = { first: 5, second: 16 };
    const whole = recorder();
    const reference = await resumableRun({ ...whole, stageSteps });
    expect(reference.result.steps).toBe(21);
    const expected = await weights(reference.learner);
    for (const stopAfter of [4, 5, 6, 20, 21]) {
      const store = memoryCheckpoints();
      const first = recorder(stopAfter);
      (await resumableRun({ ...first, stageSteps, checkpoints: { store } })).learner.dispose();
      const second = recorder();
      const { learner } = await resumableRun({ ...second, stageSteps, checkpoints: { store, resume: true } });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(await weights(learner)).toEqual(expected);
    }
  });

  it('has nothing left to do after the last checkpoint, and gives the same result and weights', async () => {
    const store = memoryCheckpoints();
    const first = await resumableRun({ checkpoints: { store } });
    const again = recorder();
    const second = await resumableRun({ ...again, checkpoints: { store, resume: true } });
    expect(again.reports).toEqual([]);
    expect(second.result).toMatchObject({ outcome: 'finished', steps: 24, best: first.result.best });
    expect(await weights(second.learner)).toEqual(await weights(first.learner));
  });

  it('begins at the start when the store is empty', async () => {
    const { learner, result } = await resumableRun({ checkpoints: { store: memoryCheckpoints(), resume: true } });
    expect(result.steps).toBe(24);
    learner.dispose();
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const store = memoryCheckpoints();
    (await resumableRun({ ...recorder(4), checkpoints: { store } })).learner.dispose();
    (await resumableRun({ checkpoints: { store, resume: true } })).learner.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a checkpoint of another configuration', async () => {
    const store = memoryCheckpoints();
    const { learner } = await resumableRun({ checkpoints: { store, configHash: 'one' } });
    learner.dispose();
    await expect(resumableRun({ checkpoints: { store, configHash: 'two', resume: true } })).rejects.toThrow(
      /configHash should be that of the checkpoint, one, got two/,
    );
  });

  it('refuses a checkpoint of another form', async () => {
    const store = memoryCheckpoints();
    const { learner } = await resumableRun({ checkpoints: { store } });
    learner.dispose();
    const load = async () => {
      const checkpoint = await store.load();
      return checkpoint && { ...checkpoint, state: { ...checkpoint.state, version: 2 as never } };
    };
    const run = resumableRun({ checkpoints: { store: { ...store, load }, resume: true } });
    await expect(run).rejects.toThrow(/the checkpoint should be of version 1, got version 2/);
  });

  it('warns when another engine computed the checkpoint', async () => {
    const store = memoryCheckpoints();
    const { learner, loader, random } = setup();
    await fit({ learner, loader, random, checkpoints: { store } });
    learner.dispose();
    const saved = await store.load();
    if (saved) await store.save({ ...saved, state: { ...saved.state, backend: 'abacus' } });
    const warnings: string[] = [];
    const fresh = setup();
    await fit({
      learner: fresh.learner,
      loader: fresh.loader,
      random: fresh.random,
      checkpoints: { store, resume: true },
      observers: [{ onWarning: (message) => void warnings.push(message) }],
    });
    expect(warnings).toEqual([expect.stringMatching(/computed on abacus/)]);
    fresh.learner.dispose();
  });

  it.each([
    ['engine', { backend: 'abacus' }, /computed on abacus/],
    [
      'way to run steps',
      { compiled: 'other' },
      /computed on .*, (compiled|op by op), this run uses .*, (compiled|op by op)/,
    ],
  ])('refuses another %s where the same is asked for, and warns once else', async (_, change, message) => {
    const store = memoryCheckpoints();
    (await resumableRun({ ...recorder(4), checkpoints: { store } })).learner.dispose();
    const { load } = store;
    store.load = async () => {
      const checkpoint = await load();
      if (!checkpoint) return undefined;
      const other = 'compiled' in change ? { compiled: !checkpoint.state.compiled } : change;
      return { ...checkpoint, state: { ...checkpoint.state, ...other } };
    };
    await expect(resumableRun({ checkpoints: { store, resume: true, sameEngine: true } })).rejects.toThrow(
      /the engine should be that of the checkpoint .* options.checkpoints.sameEngine is set, got/,
    );
    const warnings: string[] = [];
    const observers = [{ onWarning: (warning: string) => void warnings.push(warning) }];
    (await resumableRun({ observers, checkpoints: { store, resume: true } })).learner.dispose();
    expect(warnings).toEqual([expect.stringMatching(message)]);
  });

  it('goes on where a signal came in an evaluation, which is done again', async () => {
    const whole = recorder();
    const reference = await resumableRun(whole);
    const expected = await weights(reference.learner);
    for (const stopAt of [1, 3, 8]) {
      const store = memoryCheckpoints();
      const controller = new AbortController();
      let evaluations = 0;
      const onEvaluation = () => {
        if (++evaluations === stopAt) controller.abort();
      };
      const first = { ...recorder(), signal: controller.signal };
      const stopped = await resumableRun({ ...first, onEvaluation, checkpoints: { store } });
      expect(stopped.result).toMatchObject({ outcome: 'aborted', steps: 3 * stopAt });
      stopped.learner.dispose();
      expect((await store.load())?.state.cursor).toMatchObject({ step: 3 * stopAt });
      const second = recorder();
      const { learner, result } = await resumableRun({ ...second, checkpoints: { store, resume: true } });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(result).toEqual(reference.result);
      expect(await weights(learner)).toEqual(expected);
    }
  });

  it('does not evaluate once more where a signal came at the last step of an epoch', async () => {
    const { result, learner } = await resumableRun({ ...recorder(3), checkpoints: { store: memoryCheckpoints() } });
    expect(result).toEqual({ outcome: 'aborted', steps: 3 });
    learner.dispose();
  });

  it('tells the metrics of the last evaluation also where an earlier process made it', async () => {
    const store = memoryCheckpoints();
    const first = await resumableRun({ checkpoints: { store } });
    first.learner.dispose();
    const second = await resumableRun({ checkpoints: { store, resume: true } });
    second.learner.dispose();
    expect(second.result).toEqual(first.result);
    expect(second.result.metrics).toMatchObject({ mAP: expect.any(Number) });
  });
});

/** A run that was stopped after 11 of its 24 steps, within an epoch of the second stage, after its first selection. */
async function stoppedRun() {
  const store = memoryCheckpoints();
  (await resumableRun({ ...recorder(10), checkpoints: { store } })).learner.dispose();
  const checkpoint = await store.load();
  if (!checkpoint) throw new Error('no checkpoint');
  return { store, checkpoint };
}

describe('the best weights of a run that goes on', () => {
  it.each([
    ['lost', undefined, /the best weights should be those of step \d+, .* got none/],
    ['of another step', { step: 1, weights: new Map() }, /got those of step 1/],
  ])('are refused where they are %s', async (_, best, message) => {
    const { store } = await stoppedRun();
    store.loadBest = async () => best;
    await expect(resumableRun({ checkpoints: { store, resume: true } })).rejects.toThrow(message);
  });

  it('are saved again where a kill left those of an evaluation after the checkpoint', async () => {
    const whole = await resumableRun({});
    const { store } = await stoppedRun();
    const best = await store.loadBest();
    await store.saveBest({ step: 12, weights: best?.weights ?? new Map() });
    const { learner, result } = await resumableRun({ checkpoints: { store, resume: true } });
    expect(result).toEqual(whole.result);
    expect(await weights(learner)).toEqual(await weights(whole.learner));
  });
});

type State = Record<string, unknown>;

describe('a checkpoint with another state', () => {
  const cursor = { stage: 1, epoch: 1, stageStep: 5, step: 11 };
  it.each<[string, State | ((state: CheckpointState) => State)]>([
    ['cursor.epoch', { cursor: { ...cursor, epoch: 'one' } }],
    ['cursor.epoch', { cursor: { ...cursor, epoch: -1 } }],
    ['cursor.epoch', { cursor: { ...cursor, epoch: 7 } }],
    ['cursor.stage', { cursor: { ...cursor, stage: 2 } }],
    ['cursor.stageStep', { cursor: { ...cursor, stageStep: 1.5 } }],
    ['cursor.stageStep', { cursor: { ...cursor, stageStep: 19, step: 25 } }],
    ['cursor.step', { cursor: { ...cursor, step: 12 } }],
    ['cursor.step', { cursor: { stage: 1, epoch: 1, stageStep: 5 } }],
    ['cursor', { cursor: null }],
    ['cursor', { cursor: [1, 2, 3] }],
    ['random.dropout', ({ random }) => ({ random: { ...random, dropout: [1, 2, 3] } })],
    ['random.dropout', ({ random }) => ({ random: { ...random, dropout: [1, 2, 3, -4] } })],
    ['random.dropout', ({ random }) => ({ random: { ...random, dropout: [0, 0, 0, 0] } })],
    ['random.shuffle', ({ random: { shuffle, ...random } }) => ({ random })],
    ['random', { random: 'seed' }],
    ['loaders', ({ loaders }) => ({ loaders: loaders.slice(1) })],
    ['loaders.0.batch', ({ loaders }) => ({ loaders: loaders.map((place) => ({ ...place, batch: 5 })) })],
    ['loaders.0.epoch', ({ loaders }) => ({ loaders: loaders.map((place) => ({ ...place, epoch: null })) })],
    ['loaders', ({ loaders }) => ({ loaders: loaders.map((place) => ({ ...place, sampler: [1, 2] })) })],
    ['loaders', ({ loaders }) => ({ loaders: loaders.map((place) => ({ ...place, sampler: null })) })],
    ['selection.best', { selection: { best: '0.5', bestStep: 9, waited: 0 } }],
    ['selection.waited', { selection: { best: 0.5, bestStep: 9 } }],
    ['selection.bestStep', { selection: { best: 0.5, bestStep: 12, waited: 0 } }],
    ['totals.images', { totals: { images: 0, loss: 0, terms: {} } }],
    ['cursor.stageStep', { cursor: { ...cursor, epoch: 0 } }],
    ['totals.loss', { totals: { images: 8, loss: '1', terms: {} } }],
    ['totals.terms.a', { totals: { images: 8, loss: 1, terms: { a: null } } }],
    ['metrics.mAP', { metrics: { mAP: 'high' } }],
    ['slots', ({ slots }) => ({ slots: slots.slice(1) })],
    ['slots', ({ slots }) => ({ slots: [...slots, 'head.more.step'] })],
    ['backend', { backend: 3 }],
    ['compiled', { compiled: undefined }],
    ['', { more: true }],
  ])('is refused, naming %s, and changes nothing: %j', async (entry, change) => {
    const { store, checkpoint } = await stoppedRun();
    const { state } = checkpoint;
    const altered = { ...state, ...(typeof change === 'function' ? change(state) : change) } as CheckpointState;
    await refusedWithoutChange(store, { ...checkpoint, state: altered }, `the checkpoint's ${entry}`);
  });

  it('is refused where tensors are lost or of another shape, and changes nothing', async () => {
    const { store, checkpoint } = await stoppedRun();
    for (const name of ['model.head.weight', 'average.head.bias', 'optimizer.head.weight.step']) {
      const tensors = new Map(checkpoint.tensors);
      tensors.delete(name);
      await refusedWithoutChange(store, { ...checkpoint, tensors }, name.split('.').slice(1).join('.'));
      const tensor: HostTensor = { dtype: 'F32', shape: [7], data: new Float32Array(7) };
      await refusedWithoutChange(store, { ...checkpoint, tensors: new Map(tensors).set(name, tensor) }, '7');
    }
  });

  /** Lets a fresh run go on from a checkpoint, and holds what it was built of against what it was before. */
  async function refusedWithoutChange(store: CheckpointStore, checkpoint: Checkpoint, words: string): Promise<void> {
    let parts: FitOptions | undefined;
    let before: unknown;
    const snapshot = async ({ learner, loader, random }: FitOptions) => [
      await exportState(learner),
      loader.exportState(),
      random.state(),
    ];
    const tensors = tf.memory().numTensors;
    const run = resumableRun({
      checkpoints: { store: { ...store, load: async () => checkpoint }, resume: true },
      onBuilt: async (options) => {
        parts = options;
        before = await snapshot(options);
      },
    });
    const error = await run.catch((error: Error) => error);
    expect([DataError.is(error), String(error)]).toEqual([true, expect.stringContaining(words)]);
    if (!parts) throw new Error('nothing was built');
    expect(await snapshot(parts)).toEqual(before);
    parts.learner.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  }
});
