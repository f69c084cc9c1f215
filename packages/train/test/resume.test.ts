import { exportState } from '@ltml/tensor';
import { fit, memoryCheckpoints, type Observer } from '@ltml/train';
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
    await expect(run).rejects.toThrow(/the checkpoint should be of form 1, got form 2/);
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
});
