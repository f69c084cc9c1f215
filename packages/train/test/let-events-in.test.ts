import { cacheFeatures, evaluate, fit } from '@ltml/train';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { setup, syntheticDataset } from './synthetic.ts';

/** A data set whose every read takes 20 ms of computing, and promises nothing later. */
function slowDataset() {
  const dataset = syntheticDataset();
  const read: typeof dataset.inputs.read = (...args) => {
    const end = performance.now() + 20;
    while (performance.now() < end);
    return dataset.inputs.read(...args);
  };
  return { ...dataset, inputs: { ...dataset.inputs, read } };
}

/** Aborts by a timer, which only runs when the event loop turns. */
function soon(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  return controller.signal;
}

describe('a signal that comes as an event', () => {
  it('is noticed while features are cached and while an evaluation runs', async () => {
    const dataset = slowDataset();
    const { learner } = setup();
    for (const work of [
      (signal: AbortSignal) => cacheFeatures((inputs: tf.Tensor) => inputs.clone(), dataset, { batchSize: 1, signal }),
      (signal: AbortSignal) => evaluate(learner, dataset, { batchSize: 1, signal }),
    ]) {
      const start = performance.now();
      await expect(work(soon())).rejects.toThrow(/abort/);
      // All 40 batches would take 800 ms.
      expect(performance.now() - start).toBeLessThan(700);
    }
    learner.dispose();
  });

  it('is noticed within an epoch', async () => {
    const { learner, loader, random } = setup({ dataset: slowDataset(), batchSize: 1 });
    const { outcome, steps } = await fit({ learner, loader, random, signal: soon() });
    expect(outcome).toBe('aborted');
    expect(steps).toBeLessThan(40);
    learner.dispose();
  });
});
