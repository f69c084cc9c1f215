import { dscl, dsclConfigSchema, dsclPresets } from '@ltml/dscl';
import { RandomStreams } from '@ltml/tensor';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import { evaluate, memoryCheckpoints, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tinyRun, weightsOf } from './tiny-run.ts';

const context = onlyStep();

/** Reports of all steps, and the numbers at the end. */
async function train(config: Record<string, unknown>, eager: boolean) {
  const reports: StepReport[] = [];
  const { learner, run } = tinyRun(config);
  await run({ eager, observers: [{ onStep: (report) => void reports.push(report) }] });
  return { reports, weights: await weightsOf(learner) };
}

describe('the learner', () => {
  it('trains encoder and head first, then a classifier that tells the classes apart', async () => {
    const { learner, plain, run } = tinyRun({ pretrain: { epochs: 8 }, classify: { epochs: 6 } });
    const stages: Record<string, number> = {};
    const measured: string[] = [];
    const { steps } = await run({
      validation: { dataset: plain, metrics: () => ({ m: 0 }) },
      observers: [
        {
          onStep: ({ stage }) => {
            stages[stage] = (stages[stage] ?? 0) + 1;
          },
          onEpoch: ({ stage, metrics }) => void (metrics && measured.push(stage)),
        },
      ],
    });
    // 24 images: 4 batches of 6, and 3 of 10, 10 and 4.
    expect(stages).toEqual({ pretrain: 32, classify: 18 });
    expect(steps).toBe(50);
    expect(measured).toEqual(Array(6).fill('classify'));
    const { scores, present } = await evaluate(learner, plain);
    const correct = Array.from({ length: 24 }, (_, row) => {
      const own = Array.from(scores.slice(3 * row, 3 * row + 3));
      return present[3 * row + own.indexOf(Math.max(...own))];
    });
    expect(correct.filter((hit) => hit === 1).length).toBeGreaterThanOrEqual(22);
    learner.dispose();
  });

  it('changes in each stage what belongs to it', async () => {
    const { learner, run } = tinyRun({ encoderMomentum: 1 });
    const copy = async () =>
      new Map([...learner.namedState()].map(([name, { variable }]) => [name, Array.from(variable.dataSync())]));
    const states: Map<string, number[]>[] = [];
    const before = await copy();
    await run({
      observers: [
        {
          onEpoch: async ({ stage, epoch }) => void (stage === 'pretrain' && epoch === 2 && states.push(await copy())),
        },
      ],
    });
    const [between] = states;
    const after = await copy();
    const changed = (a: Map<string, number[]>, b: Map<string, number[]>): string[] =>
      [...a].filter(([name, values]) => values.some((value, i) => value !== b.get(name)?.[i])).map(([name]) => name);
    const first = changed(before, between);
    expect(first.some((name) => name.startsWith('classifier'))).toBe(false);
    for (const prefix of ['query.encoder', 'query.head', 'queue.']) {
      expect(first.filter((name) => name.startsWith(prefix)).length).toBeGreaterThan(0);
    }
    // With a momentum of 1 the key encoder keeps its weights; its statistics are of its own batches.
    expect(first.filter((name) => name.startsWith('key.'))).toEqual([
      'key.encoder.bn1.running_mean',
      'key.encoder.bn1.running_var',
    ]);
    expect(changed(between, after)).toEqual([
      'query.encoder.bn1.running_mean',
      'query.encoder.bn1.running_var',
      'classifier.weight',
      'classifier.bias',
    ]);
    learner.dispose();
  });

  it('leaves the statistics of the frozen encoder alone on request', async () => {
    const { learner, fitOptions } = tinyRun({ classify: { batchNorm: 'eval' } });
    learner.train();
    const before = learner.query.encoder.namedBuffers().next().value?.[1].variable.dataSync();
    const batch = {
      inputs: tf.ones([4, 12, 12, 3]),
      labels: tf.ones([4, 3]) as tf.Tensor2D,
      known: tf.ones([4, 3]) as tf.Tensor2D,
    };
    const { loss } = learner.stages[1].step(batch, context);
    loss.dispose();
    expect(learner.query.encoder.namedBuffers().next().value?.[1].variable.dataSync()).toEqual(before);
    expect(fitOptions.learner.training).toBe(true);
    learner.dispose();
  });

  it.each([
    ['patches recomputed', { recompute: true }, 1e-5],
    // Batch statistics over all patches are others than over each patch index.
    ['patches together', { forward: 'joined' }, 0.5],
  ] as const)('gives about the same with %s', async (_, patches, tolerance) => {
    const usual = await train({}, true);
    const other = await train({ patches }, true);
    const losses = ({ reports }: typeof usual): number[] => reports.map(({ loss }) => loss);
    expectClose(losses(other), losses(usual), { relative: tolerance });
    if (tolerance > 1e-3) return;
    for (const [name, values] of other.weights)
      expectClose(values, usual.weights.get(name) ?? [], { relative: 1e-3, absolute: 1e-4 });
  });

  const variants = {
    'dscl-pbsd': {},
    released: { candidates: 'inbatch', epsilon: 1e-12 },
    scl: { loss: 'scl', patches: { loss: 'none' } },
    multicrop: { patches: { loss: 'multicrop' } },
    'balanced queue': { queue: { kind: 'balanced', size: 21 } },
    'reweighted, empty queue': { reweightBeta: 0.9, queue: { size: 22, start: 'empty' } },
    'recomputed, joined': { patches: { recompute: true, forward: 'joined' } },
  };

  it.each(Object.entries(variants))('%s: compiled steps equal eager ones', async (_, variant) => {
    const config = { ...variant, pretrain: { epochs: 5 } };
    const eager = await train(config, true);
    const compiled = await train(config, false);
    expect(compiled.reports.length).toBe(26);
    for (const [i, { loss, terms }] of compiled.reports.entries()) {
      const expected = eager.reports[i];
      const relative = i < 20 ? 1e-6 : 1e-5;
      expectClose([loss], [expected.loss], { relative, absolute: 1e-6 });
      // Terms are parts of the loss, from logits up to 1 / τ = 14 whose rounding alone is 1e-6: the loss is their
      // measure.
      const absolute = 1e-6 * Math.max(1, expected.loss);
      expectClose(Object.values(terms), Object.values(expected.terms), { relative, absolute });
    }
    for (const [name, values] of compiled.weights) {
      expectClose(values, eager.weights.get(name) ?? [], { relative: 1e-3, absolute: 1e-5 });
    }
  });

  it.each([2, 4, 11, 12, 13, 16])(
    'goes on after step %i with queue and key encoder, bit for bit',
    async (stopAfter) => {
      const run = async (
        options: Parameters<ReturnType<typeof tinyRun>['run']>[0],
        stop = Number.POSITIVE_INFINITY,
      ) => {
        const controller = new AbortController();
        const losses: number[] = [];
        const { learner, run } = tinyRun();
        await run({
          ...options,
          signal: controller.signal,
          observers: [
            {
              onStep: ({ step, loss }) => {
                losses.push(loss);
                if (step >= stop) controller.abort();
              },
            },
          ],
        });
        return { losses, weights: await weightsOf(learner) };
      };
      const whole = await run({});
      const store = memoryCheckpoints();
      const first = await run({ checkpoints: { store } }, stopAfter);
      const second = await run({ checkpoints: { store, resume: true } });
      expect([...first.losses, ...second.losses]).toEqual(whole.losses);
      expect(second.weights).toEqual(whole.weights);
      expect([...whole.weights.keys()]).toEqual(
        expect.arrayContaining(['queue.keys', 'queue.labels', 'queue.pointer', 'key.encoder.conv1.weight']),
      );
    },
  );

  // The queue of 22 keys is full after 4 steps, and begins anew with every 11 of them.
  it('leaks nothing over 100 steps, eager and compiled', async () => {
    const before = tf.memory().numTensors;
    for (const eager of [true, false]) {
      const { learner, run } = tinyRun({ pretrain: { epochs: 25, optimizer: { learningRate: 1e-3 } } });
      const own = tf.memory().numTensors;
      const warnings: string[] = [];
      const { steps } = await run({ eager, observers: [{ onWarning: (message) => void warnings.push(message) }] });
      expect(steps).toBeGreaterThan(100);
      expect(warnings).toEqual([]);
      expect(tf.memory().numTensors).toBe(own);
      learner.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses images of several classes, and a network of another form as key encoder', () => {
    const task = {
      classes: ['a', 'b'],
      statistics: {
        trainCount: 2,
        classCounts: [2, 1],
        cooccurrence: [],
        together: [0, 1] as const,
      },
    };
    const parts = { encoder: undefined as never, keyEncoder: undefined as never, features: 8 };
    expect(() => dscl.create(task, parts, dsclPresets.dscl, new RandomStreams(0))).toThrow(
      /dscl: task should be one class per image, got images of both a and b/,
    );
  });
});

it('counts no pairs of classes, which of thousands are too many', () => {
  const statistics = {
    trainCount: 2,
    classCounts: [1, 1],
    get cooccurrence(): never {
      throw new Error('counted');
    },
  };
  const parts = { encoder: undefined as never, keyEncoder: undefined as never, features: 8 };
  const task = { classes: ['a', 'b'], statistics };
  expect(() => dscl.create(task, parts, dsclPresets.dscl, new RandomStreams(0))).toThrow(/parts\.encoder/);
});

describe('the configuration', () => {
  it('has the published defaults, and the presets of the tables', () => {
    expect(dsclPresets.released).toMatchObject({
      alpha: 1 / 9,
      temperature: 0.07,
      candidates: 'inbatch',
      queue: { size: 65_536 },
      patches: { count: 5, weight: 1.5, size: 64 },
      pretrain: {
        epochs: 200,
        optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 },
        schedule: { name: 'cosine', warmup: { epochs: 10, from: 0 } },
      },
      classify: {
        epochs: 40,
        optimizer: { name: 'sgd', learningRate: 10, momentum: 0.9, weightDecay: 0 },
        schedule: { name: 'multiStep', milestones: [20, 30], gamma: 0.1 },
      },
    });
    expect(Object.keys(dsclPresets)).toHaveLength(8);
  });

  it('refuses what is out of range or unknown', () => {
    for (const bad of [
      { alpha: 2 },
      { temperature: 0 },
      { queue: { kind: 'balanced', start: 'empty' } },
      { beta: 8 },
    ]) {
      expect(() => dsclConfigSchema.parse(bad)).toThrow();
    }
  });
});
