import { cprfl, cprflConfigSchema } from '@ltml/cprfl';
import { BatchLoader, type LabelledInputs, UniformSampler } from '@ltml/data';
import { BatchNorm, Conv2d, exportState, Module, RandomStream, RandomStreams } from '@ltml/tensor';
import type { EncoderOutput, MapEncoder } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import { expectClose } from '@ltml/tensor/testing';
import { type CheckpointStore, fit, memoryCheckpoints, type Observer, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const classes = ['cat', 'dog', 'owl', 'eel'];
const [rows, side] = [20, 6];

const dataset: LabelledInputs = (() => {
  const random = new RandomStream(1);
  const size = side * side * 3;
  const pixels = Float32Array.from({ length: rows * size }, () => random.normal());
  const present = Uint8Array.from({ length: rows * classes.length }, () => Number(random.uniform() < 0.4));
  return {
    name: 'noise',
    classes,
    labels: { rows, columns: classes.length, present },
    inputs: {
      length: rows,
      shape: [side, side, 3],
      read: async (indices, streams) =>
        Float32Array.from(
          Array.from(indices).flatMap((i, row) => {
            const shift = streams?.(row).normal(0, 0.1) ?? 0;
            return Array.from(pixels.subarray(i * size, (i + 1) * size), (value) => value + shift);
          }),
        ),
    },
  };
})();

/** A convolution with batch norm, whose statistics a checkpoint must bring back, too. */
class SmallEncoder extends Module implements MapEncoder {
  readonly conv: Conv2d;
  readonly bn: BatchNorm = new BatchNorm({ channels: 5 });

  constructor(random: RandomStream) {
    super();
    this.conv = new Conv2d({ inChannels: 3, outChannels: 5, kernel: 3, stride: 2, padding: 1, bias: false, random });
  }

  forward(images: tf.Tensor): EncoderOutput & { readonly featureMap: tf.Tensor4D } {
    const featureMap = tf.relu(this.bn.forward(this.conv.forward(images as tf.Tensor4D)));
    return { featureMap, features: tf.mean<tf.Tensor2D>(featureMap, [1, 2]) };
  }
}

interface Options {
  readonly eager: boolean;
  readonly changes?: object;
  readonly store?: CheckpointStore;
  /** The step after which the run is stopped. */
  readonly stopAfter?: number;
}

/** Three batches an epoch, the last one smaller; five epochs of a cycle of seven. */
async function train({ eager, changes, store, stopAfter = Number.POSITIVE_INFINITY }: Options) {
  const random = new RandomStreams(3);
  const init = random.stream('init');
  const config = cprflConfigSchema.parse({
    width: 6,
    vsi: { heads: 2, headWidth: 4, hiddenWidth: 7 },
    epochs: 5,
    schedule: { epochs: 7 },
    optimizer: { learningRate: 0.01 },
    averageDecay: 0.9,
    encoder: { learningRateScale: 0.1 },
    ...changes,
  });
  const classEmbeddings = tf.tensor2d(
    Float32Array.from({ length: 4 * 7 }, () => init.normal()),
    [4, 7],
  );
  const task = { classes, statistics: classStatistics(dataset.labels) };
  const learner = cprfl.create(task, { encoder: new SmallEncoder(init), features: 5, classEmbeddings }, config, random);
  classEmbeddings.dispose();
  const sampler = new UniformSampler({ length: rows, random: random.stream('shuffle') });
  const loader = new BatchLoader({ dataset, sampler, batchSize: 8, random });
  const controller = new AbortController();
  const reports: StepReport[] = [];
  const observer: Observer = {
    onStep(report) {
      reports.push(report);
      if (report.step >= stopAfter) controller.abort();
    },
  };
  const result = await fit({
    learner,
    loader,
    random,
    eager,
    signal: controller.signal,
    observers: [observer],
    ...(store && { checkpoints: { store, resume: true } }),
  });
  const state = await exportState(learner);
  learner.dispose();
  return { reports, result, state };
}

const forms: readonly [name: string, changes: object][] = [
  ['AdamW under one cycle', {}],
  [
    'Adam at a constant rate',
    { optimizer: { name: 'adam', learningRate: 0.01, weightDecay: 1e-4 }, schedule: { name: 'constant' } },
  ],
];

describe.each(forms)('CPRFL in the engine, %s', (_, changes) => {
  it.each([true, false])('goes on from a checkpoint bit for bit, eager: %s', async (eager) => {
    const whole = await train({ eager, changes });
    expect(whole.reports).toHaveLength(15);
    for (const stopAfter of [2, 7]) {
      const store = memoryCheckpoints();
      const first = await train({ eager, changes, store, stopAfter });
      expect(first.result.outcome).toBe('aborted');
      const names = [...((await store.load())?.tensors.keys() ?? [])];
      expect(names).toContain('average.head.phi.weight');
      expect(names).toContain('average.encoder.bn.running_var');
      const second = await train({ eager, changes, store });
      expect([...first.reports, ...second.reports]).toEqual(whole.reports);
      expect(second.state).toEqual(whole.state);
    }
  });

  it('gives the same compiled and eager', async () => {
    const [eager, compiled] = [await train({ eager: true, changes }), await train({ eager: false, changes })];
    for (const [i, { loss }] of compiled.reports.entries()) {
      expectClose([loss], [eager.reports[i].loss], { relative: 1e-6, absolute: 0 });
    }
    for (const [name, { data }] of compiled.state) {
      const other = Array.from(eager.state.get(name)?.data ?? [], Number);
      expectClose(Array.from(data, Number), other, { relative: 1e-4, absolute: 1e-5 });
    }
  });
});

it('leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  await train({ eager: false, stopAfter: 2 });
  expect(tf.memory().numTensors).toBe(before);
});
