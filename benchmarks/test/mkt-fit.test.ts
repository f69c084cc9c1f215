import { loadTinyClip } from '@ltml/backbone/node';
import { BatchLoader, type LabelledInputs, UniformSampler } from '@ltml/data';
import { Mkt, mktConfigSchema } from '@ltml/mkt';
import { exportState, Module, RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import { expectClose } from '@ltml/tensor/testing';
import { fit, memoryCheckpoints, type Observer, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';

const classes = ['red one', 'red two', 'blue one', 'blue three', 'green four'];
const [rows, N, W] = [30, 6, 10];
const clip = await loadTinyClip();
afterAll(() => clip.clip.dispose());

/** Tokens of images that were encoded before, of which one in ten has no label. */
const dataset: LabelledInputs = (() => {
  const random = new RandomStream(1);
  const values = Float32Array.from({ length: rows * (1 + N) * W }, () => random.normal(0, 1));
  const present = Uint8Array.from({ length: rows * classes.length }, () => (random.uniform() < 0.3 ? 1 : 0));
  const size = (1 + N) * W;
  return {
    name: 'tokens',
    classes,
    labels: { rows, columns: classes.length, present },
    inputs: {
      length: rows,
      shape: [1 + N, W],
      read: async (indices) =>
        Float32Array.from(Array.from(indices).flatMap((i) => [...values.subarray(i * size, (i + 1) * size)])),
    },
  };
})();

/** A teacher that knows the image by its first token. */
class FirstToken extends Module {
  forward(tokens: tf.Tensor): { features: tf.Tensor2D } {
    const first = tf.slice(tokens, [0, 0, 0], [-1, 1, -1]);
    return {
      features: tf.pad(tf.reshape(first, [-1, W]) as tf.Tensor2D, [
        [0, 0],
        [0, 64 - W],
      ]),
    };
  }
}

async function train(options: Partial<Parameters<typeof fit>[0]> = {}) {
  const random = new RandomStreams(3);
  const config = mktConfigSchema.parse({
    topK: 2,
    distil: { epochs: 4, schedule: { warmup: { epochs: 1 } } },
    prompt: { epochs: 3, optimizer: { learningRate: 1e-3 } },
  });
  const task = { classes, statistics: classStatistics(dataset.labels) };
  const parts = { features: W, teacher: new FirstToken(), textTower: clip.clip.text, tokenizer: clip.tokenizer };
  const mkt = new Mkt(task, parts, config, random);
  const sampler = new UniformSampler({ length: rows, random: random.stream('shuffle') });
  const loader = new BatchLoader({ dataset, sampler, batchSize: 6, random });
  const reports: StepReport[] = [];
  const observer: Observer = { onStep: (report) => void reports.push(report) };
  const result = await fit({
    learner: mkt,
    loader,
    random,
    ...options,
    observers: [observer, ...(options.observers ?? [])],
  });
  const state = await exportState(mkt);
  const scores = tf.tidy(() => mkt.eval().predict(tf.ones([1, 1 + N, W])));
  const values = [...(await scores.data())];
  scores.dispose();
  mkt.dispose();
  return { reports, state, result, values };
}

describe('MKT in the engine', () => {
  it('gives the same compiled and eager, in both stages', async () => {
    const [eager, compiled] = [await train({ eager: true }), await train()];
    expect(compiled.reports.length).toBe(35);
    expect(new Set(compiled.reports.map(({ stage }) => stage))).toEqual(new Set(['distil', 'prompt']));
    for (const [i, { loss }] of compiled.reports.entries()) {
      expectClose([loss], [eager.reports[i].loss], { relative: i < 20 ? 1e-6 : 1e-5, absolute: 0 });
    }
    for (const [name, { data }] of compiled.state) {
      const other = eager.state.get(name)?.data as Float32Array;
      expectClose([...data].map(Number), [...other], { relative: 1e-4, absolute: 1e-5 });
    }
    expectClose(compiled.values, eager.values, { relative: 1e-4, absolute: 1e-5 });
  });

  it('goes on from a checkpoint of either stage bit for bit', async () => {
    const whole = await train();
    for (const stopAfter of [3, 24]) {
      const store = memoryCheckpoints();
      const controller = new AbortController();
      const stop: Observer = { onStep: ({ step }) => void (step >= stopAfter && controller.abort()) };
      const first = await train({ checkpoints: { store }, signal: controller.signal, observers: [stop] });
      expect(first.result.outcome).toBe('aborted');
      const second = await train({ checkpoints: { store, resume: true } });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(second.state).toEqual(whole.state);
      expect(second.values).toEqual(whole.values);
    }
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await train();
    expect(tf.memory().numTensors).toBe(before);
  });
});
