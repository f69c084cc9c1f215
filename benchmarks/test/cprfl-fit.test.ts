import { cprfl, cprflConfigSchema } from '@ltml/cprfl';
import { BatchLoader, type Dataset, UniformSampler } from '@ltml/data';
import { exportState, RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import { expectClose } from '@ltml/tensor/testing';
import { fit, memoryCheckpoints, type Observer, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const classes = ['cat', 'dog', 'owl', 'eel'];
const [rows, side, channels] = [28, 3, 6];
const size = side * side * channels;

const dataset: Dataset = (() => {
  const random = new RandomStream(1);
  const maps = Float32Array.from({ length: rows * size }, () => random.normal());
  return {
    name: 'maps',
    classes,
    labels: {
      rows,
      columns: classes.length,
      present: Uint8Array.from({ length: rows * classes.length }, () => Number(random.uniform() < 0.4)),
    },
    inputs: {
      length: rows,
      shape: [side, side, channels],
      read: async (indices) =>
        Float32Array.from(Array.from(indices).flatMap((i) => [...maps.subarray(i * size, (i + 1) * size)])),
    },
  };
})();

/** The published training, one cycle, averaged weights and dropout included, of a small head. */
async function train(options: Partial<Parameters<typeof fit>[0]> = {}) {
  const random = new RandomStreams(3);
  const config = cprflConfigSchema.parse({
    width: 8,
    vsi: { heads: 2, headWidth: 4, hiddenWidth: 8 },
    epochs: 5,
    scheduleEpochs: 8,
    optimizer: { learningRate: 0.01 },
    averageDecay: 0.9,
  });
  const task = { classes, statistics: classStatistics(dataset.labels) };
  const classEmbeddings = tf.tensor2d(
    Float32Array.from({ length: 4 * 5 }, () => random.stream('embeddings').normal()),
    [4, 5],
  );
  const learner = cprfl.create(task, { features: channels, classEmbeddings }, config, random);
  classEmbeddings.dispose();
  const sampler = new UniformSampler({ length: rows, random: random.stream('shuffle') });
  const loader = new BatchLoader({ dataset, sampler, batchSize: 7, random });
  const reports: StepReport[] = [];
  const observer: Observer = { onStep: (report) => void reports.push(report) };
  const observers = [observer, ...(options.observers ?? [])];
  const result = await fit({ learner, loader, random, ...options, observers });
  const state = await exportState(learner);
  learner.dispose();
  return { reports, state, result };
}

describe('CPRFL in the engine', () => {
  it('gives the same compiled and eager', async () => {
    const [eager, compiled] = [await train({ eager: true }), await train()];
    expect(compiled.reports.length).toBe(20);
    for (const [i, { loss }] of compiled.reports.entries()) {
      expectClose([loss], [eager.reports[i].loss], { relative: 1e-6, absolute: 0 });
    }
  });

  it.each([true, false])('goes on from a checkpoint bit for bit, eager: %s', async (eager) => {
    const whole = await train({ eager });
    for (const stopAfter of [3, 11]) {
      const store = memoryCheckpoints();
      const controller = new AbortController();
      const stop: Observer = { onStep: ({ step }) => void (step >= stopAfter && controller.abort()) };
      const first = await train({ eager, checkpoints: { store }, signal: controller.signal, observers: [stop] });
      expect(first.result.outcome).toBe('aborted');
      const second = await train({ eager, checkpoints: { store, resume: true } });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(second.state).toEqual(whole.state);
    }
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await train();
    expect(tf.memory().numTensors).toBe(before);
  });
});
