import { Adam, exportState, OptionError, Sgd } from '@ltml/tensor';
import type { Stage, StepContext } from '@ltml/tensor/contract';
import { frequencyGroups } from '@ltml/tensor/labels';
import { averagePrecisionMetrics, type EpochReport, evaluate, fit, type Observer, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bce, loaderOf, setup, syntheticDataset } from './synthetic.ts';

/** Keeps what a run tells. */
function recorder() {
  const steps: StepReport[] = [];
  const epochs: EpochReport[] = [];
  const warnings: string[] = [];
  const observer: Observer = {
    onStep: (report) => void steps.push(report),
    onEpoch: (report) => void epochs.push(report),
    onWarning: (message) => void warnings.push(message),
  };
  return { steps, epochs, warnings, observer };
}

describe('fit', () => {
  it('lowers the loss of a task that can be learned, and ranks it perfectly', async () => {
    const { learner, loader, random, dataset } = setup({ stage: { epochs: 6 } });
    const { epochs, steps, observer } = recorder();
    const metrics = averagePrecisionMetrics(frequencyGroups([16, 16, 16], { headFrom: 10, tailBelow: 5 }));
    const result = await fit({ learner, loader, random, validation: { dataset, metrics }, observers: [observer] });
    expect(steps.length).toBe(30);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(steps[0].loss).toBeGreaterThan(0.6);
    expect(epochs.map(({ loss }) => loss)).toEqual([...epochs.map(({ loss }) => loss)].sort((a, b) => b - a));
    expect(epochs.at(-1)?.loss).toBeLessThan(0.1);
    expect(result).toEqual({ outcome: 'finished', steps: 30, metrics: { mAP: 1, 'mAP/head': 1 } });
    learner.dispose();
  });

  it('reports the mean over the images of an epoch, not over its batches', async () => {
    const { learner, loader, random } = setup({ batchSize: 32, stage: { epochs: 1 } });
    const { epochs, steps, observer } = recorder();
    await fit({ learner, loader, random, observers: [observer] });
    expect(steps.map(({ images }) => images)).toEqual([32, 8]);
    expect(epochs[0].loss).toBeCloseTo((32 * steps[0].loss + 8 * steps[1].loss) / 40, 12);
    learner.dispose();
  });

  it('leaves no tensor behind but the learner’s own', async () => {
    const before = tf.memory().numTensors;
    const { learner, loader, random, dataset } = setup({
      neck: { width: 4 },
      stage: {
        maxGradientNorm: 1,
        averageDecay: 0.9,
        optimizer: (parameters) => new Adam([{ parameters, learningRate: 0.1 }]),
      },
    });
    const own = tf.memory().numTensors;
    const validation = { dataset, metrics: () => ({ m: 1 }) };
    await fit({ learner, loader, random, accumulate: 2, validation, selection: { metric: 'm' } });
    expect(tf.memory().numTensors).toBe(own);
    learner.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives a stage its own loader and its own step, and does not evaluate what is only pretrained', async () => {
    const { learner, loader, random, dataset } = setup({ stage: { epochs: 2 } });
    const [stage] = learner.stages;
    const seen: string[] = [];
    const watched = (name: string): Stage => ({
      ...stage,
      name,
      step: (batch, context) => {
        const { step, totalSteps, epoch, epochs } = context;
        seen.push(`${name} ${step}/${totalSteps} ${epoch}/${epochs}`);
        return stage.step(batch, context);
      },
    });
    Object.assign(learner, {
      stages: [
        { ...watched('pretrain'), evaluated: false },
        { ...watched('finetune'), epochs: 1 },
      ],
    });
    const { epochs, steps, observer } = recorder();
    await fit({
      learner,
      loader,
      stageLoaders: { finetune: loaderOf(dataset, 20, random) },
      random,
      validation: { dataset, metrics: () => ({ m: 1 }) },
      observers: [observer],
      eager: true,
    });
    expect(steps.map(({ stage, images }) => `${stage} ${images}`)).toEqual([
      ...Array(10).fill('pretrain 8'),
      ...Array(2).fill('finetune 20'),
    ]);
    expect(seen).toEqual([
      ...Array.from({ length: 10 }, (_, step) => `pretrain ${step}/10 ${Math.floor(step / 5)}/2`),
      'finetune 0/2 0/1',
      'finetune 1/2 0/1',
    ]);
    expect(epochs.map(({ metrics }) => metrics !== undefined)).toEqual([false, false, true]);
    learner.dispose();
  });

  it('ends a stage after so many steps, and its schedule with them', async () => {
    const totals: number[] = [];
    const { learner, loader, random, dataset } = setup({
      stage: {
        epochs: 3,
        schedule: (totalSteps) => {
          totals.push(totalSteps);
          return (step) => ({ learningRateFactor: 1 - step / totalSteps });
        },
      },
    });
    const { steps, epochs, observer } = recorder();
    const options = { learner, loader, random, observers: [observer] };
    const validation = { dataset, metrics: () => ({ m: 1 }) };
    const { steps: done } = await fit({ ...options, validation, stageSteps: { train: 12 } });
    expect(done).toBe(12);
    expect(totals).toEqual([12]);
    expect(steps.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]);
    expect(steps.at(-1)?.learningRateFactor).toBeCloseTo(1 / 12, 12);
    expect(epochs.map(({ step, metrics }) => [step, metrics])).toEqual([
      [5, { m: 1 }],
      [10, { m: 1 }],
      [12, { m: 1 }],
    ]);
    expect(epochs[2].loss).toBeCloseTo((steps[10].loss + steps[11].loss) / 2, 12);
    // The loader stands at the next epoch.
    expect(loader.exportState()).toMatchObject({ epoch: 3, batch: 0 });
    for (const train of [10, 16, 0, 11.5, Number.NaN]) {
      await expect(fit({ ...options, stageSteps: { train } })).rejects.toThrow(
        /options\.stageSteps\.train should be a whole number in \[11, 15\]/,
      );
    }
    await expect(fit({ ...options, stageSteps: { other: 12 } })).rejects.toThrow(/options\.stageSteps .*"other"/);
    learner.dispose();
  });

  it('tells a stage before each evaluation, with the averaged weights in place, and after its end', async () => {
    const { learner, loader, random, dataset } = setup({ stage: { averageDecay: 1, epochs: 2 } });
    const weight = () => [...learner.head.weight.variable.dataSync()];
    const start = weight();
    const seen: number[][] = [];
    const [stage] = learner.stages;
    Object.assign(learner, { stages: [{ ...stage, beforeEvaluation: () => void seen.push(weight()) }] });
    await fit({ learner, loader, random, validation: { dataset, metrics: () => ({}) } });
    // With decay 1 the average never leaves the start, while the weights themselves do.
    expect(seen).toEqual([start, start, start]);
    learner.dispose();
  });

  it('refuses a loader of a stage that does not exist', async () => {
    const { learner, loader, random } = setup();
    const run = fit({ learner, loader, random, stageLoaders: { second: loader } });
    await expect(run).rejects.toThrow(/stageLoaders should be named by stages of the learner: train, got .* "second"/);
    learner.dispose();
  });

  it('warns of a step that leaks', async () => {
    const leaked: tf.Tensor[] = [];
    const { learner, loader, random } = setup({
      stage: { epochs: 10 },
      criterion: (...batch) => {
        leaked.push(tf.keep(tf.scalar(1)));
        return bce(...batch);
      },
    });
    const { warnings, observer } = recorder();
    // A compiled step runs this function once only, so it can't leak.
    await fit({ learner, loader, random, observers: [observer], eager: true });
    expect(warnings).toEqual([expect.stringMatching(/memory leak: the number of tensors/)]);
    tf.dispose(leaked);
    learner.dispose();
  });

  it('stops at a loss that is not finite and names stage, epoch, step and images', async () => {
    const dataset = syntheticDataset();
    const { read } = dataset.inputs;
    const broken = async (indices: ArrayLike<number>) => {
      const values = await read(indices);
      const row = Array.from(indices).indexOf(13);
      return row < 0 ? values : values.fill(Number.NaN, row * 6, row * 6 + 6);
    };
    const { learner, loader, random } = setup({ dataset: { ...dataset, inputs: { ...dataset.inputs, read: broken } } });
    const before = tf.memory().numTensors;
    const error = await fit({ learner, loader, random }).catch((error: Error) => error);
    expect(String(error)).toMatch(
      /the loss of stage "train", epoch 0, step \d+ should be finite, got NaN from the images/,
    );
    expect(String(error)).toMatch(/\b13\b/);
    expect(tf.memory().numTensors).toBe(before);
    learner.dispose();
  });

  it('scales gradients down to the norm that the stage allows and reports the norm before', async () => {
    const { learner, loader, random } = setup({
      batchSize: 40,
      stage: {
        epochs: 1,
        maxGradientNorm: 0.01,
        optimizer: (parameters) => new Sgd([{ parameters, learningRate: 1 }]),
      },
    });
    const start = await exportState(learner);
    const { steps, observer } = recorder();
    await fit({ learner, loader, random, observers: [observer] });
    const end = await exportState(learner);
    let squares = 0;
    for (const [name, { data }] of end) {
      for (let i = 0; i < data.length; i++) squares += (Number(data[i]) - Number(start.get(name)?.data[i])) ** 2;
    }
    expect(steps[0].gradientNorm).toBeGreaterThan(0.1);
    expect(Math.sqrt(squares)).toBeCloseTo(0.01, 5);
    learner.dispose();
  });

  it('evaluates the averaged weights and leaves them in the learner', async () => {
    const { learner, loader, random, dataset } = setup({ stage: { averageDecay: 1, epochs: 2 } });
    const start = await evaluate(learner, dataset);
    const seen: Float32Array[] = [];
    const metrics = ({ scores }: { scores: Float32Array }) => {
      seen.push(scores);
      return {};
    };
    await fit({ learner, loader, random, validation: { dataset, metrics } });
    // With decay 1 the average never leaves the start, while the weights themselves do.
    expect(seen).toEqual([start.scores, start.scores]);
    expect((await evaluate(learner, dataset)).scores).toEqual(start.scores);
    learner.dispose();
  });

  it('stops the last stage when the patience is used up and goes back to the best weights', async () => {
    const { learner, loader, random, dataset } = setup({ stage: { epochs: 10 } });
    const values = [0.3, 0.6, 0.5, 0.6, 0.9];
    const seen: Float32Array[] = [];
    const metrics = ({ scores }: { scores: Float32Array }) => {
      seen.push(scores);
      return { m: values[seen.length - 1] };
    };
    const selection = { metric: 'm', patience: 2 };
    const result = await fit({ learner, loader, random, validation: { dataset, metrics }, selection });
    expect(result).toMatchObject({ outcome: 'stopped-early', steps: 20, best: { value: 0.6, step: 10 } });
    expect((await evaluate(learner, dataset)).scores).toEqual(seen[1]);
    learner.dispose();
  });

  it('evaluates every so many epochs and after the last', async () => {
    const { learner, loader, random, dataset } = setup({ stage: { epochs: 5 } });
    const { epochs, observer } = recorder();
    const validation = { dataset, every: 2, metrics: () => ({ m: 1 }) };
    await fit({ learner, loader, random, validation, observers: [observer] });
    expect(epochs.map(({ metrics }) => metrics !== undefined)).toEqual([false, true, false, true, true]);
    learner.dispose();
  });

  it('trains in each stage what the stage names, and calls the hooks of the stage', async () => {
    const { learner, loader, random } = setup({ neck: { width: 4 }, stage: { epochs: 1 } });
    const [stage] = learner.stages;
    const calls: string[] = [];
    const hooks = {
      onEpochStart: ({ epoch, step }: StepContext) => void calls.push(`epoch ${epoch} at ${step}`),
      afterStep: ({ step }: StepContext) => void calls.push(`step ${step}`),
    };
    const staged = Object.assign(learner, {
      stages: [
        { ...stage, ...hooks, name: 'neck', trains: /^neck\./g },
        { ...stage, ...hooks, name: 'head', trains: /^head\./, epochs: 2 },
      ],
    });
    const states: Awaited<ReturnType<typeof exportState>>[] = [await exportState(learner)];
    await fit({
      learner: staged,
      loader,
      random,
      // The hook of this test works on the host, which a compiled step would not see again.
      eager: true,
      observers: [{ onEpoch: async () => void states.push(await exportState(learner)) }],
    });
    const changed = (from: number, to: number) =>
      [...states[from]]
        .filter(([name, { data }]) => String(data) !== String(states[to].get(name)?.data))
        .map(([name]) => name);
    expect(changed(0, 1).filter((name) => name.startsWith('head.'))).toEqual([]);
    expect(changed(0, 1)).toContain('neck.fc.weight');
    // Running statistics move in every stage: they are buffers.
    expect(changed(1, 2)).toEqual(['neck.bn.running_mean', 'neck.bn.running_var', 'head.weight', 'head.bias']);
    expect(calls.slice(0, 7)).toEqual([
      'epoch 0 at 0',
      'step 0',
      'step 1',
      'step 2',
      'step 3',
      'step 4',
      'epoch 0 at 0',
    ]);
    expect(calls.at(-6)).toBe('epoch 1 at 5');
    learner.dispose();
  });

  it.each([
    [{ epochs: 3 }, /unknown option "epochs"/],
    [{ loader: { batchesPerEpoch: 0 } }, /options.loader.batchesPerEpoch should be a whole number ≥ 1, got 0/],
    [{ eager: 'yes' }, /options.eager should be true or false, got "yes"/],
    [{ selection: { metric: 'm' }, validation: undefined }, /options.validation should be given/],
    [{ selection: { metric: 'm', mode: 'most' } }, /options.selection.mode should be one of max, min, got "most"/],
    [{ selection: { metrics: 'm' } }, /unknown option "metrics"/],
    [{ checkpoints: { everyStep: 3 } }, /unknown option "everyStep"/],
    [{ checkpoints: { resume: 1 } }, /options.checkpoints.resume should be true or false, got 1/],
    [{ checkpoints: { sameEngine: 'wasm' } }, /options.checkpoints.sameEngine should be true or false/],
    [{ validation: { batchsize: 1 } }, /unknown option "batchsize"/],
    ...[0, -1, 1.5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '8', null].flatMap(
      (bad): [Record<string, unknown>, RegExp][] => [
        [{ accumulate: bad }, /options.accumulate should be a whole number ≥ 1/],
        [{ validation: { batchSize: bad } }, /options.validation.batchSize should be a whole number ≥ 1/],
        [{ validation: { every: bad } }, /options.validation.every should be a whole number ≥ 1/],
        [{ selection: { metric: 'm', patience: bad } }, /options.selection.patience should be a whole number ≥ 1/],
        [{ checkpoints: { everySteps: bad } }, /options.checkpoints.everySteps should be a whole number ≥ 1/],
      ],
    ),
  ])('refuses %j before anything happens', async (options, message) => {
    const { learner, loader, random, dataset } = setup();
    const validation = { dataset, metrics: () => ({ m: 1 }) };
    let steps = 0;
    const observers = [{ onStep: () => void steps++ }];
    const run = fit({ learner, loader, random, validation, observers, ...options } as never);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(OptionError);
    expect(steps).toBe(0);
    learner.dispose();
  });

  it.each([
    [{ epochs: 1.5 }, /stages\[0\].epochs should be a whole number ≥ 0/],
    [{ epochs: Number.NaN }, /stages\[0\].epochs/],
    [{ maxGradientNorm: 0 }, /stages\[0\].maxGradientNorm should be a finite number > 0/],
    [{ averageDecay: 1.01 }, /stages\[0\].averageDecay should be a finite number in \[0, 1\]/],
    [{ lossReduction: 'total' }, /stages\[0\].lossReduction should be one of mean, sum/],
  ])('refuses a learner whose stage says %j', async (stage, message) => {
    const { learner, loader, random } = setup();
    Object.assign(learner, { stages: [{ ...learner.stages[0], ...stage }] });
    await expect(fit({ learner, loader, random })).rejects.toThrow(message);
    learner.dispose();
  });

  it('refuses a selection by a metric that is not there: before the first step where the names are told', async () => {
    const { learner, loader, random, dataset } = setup();
    const steps: number[] = [];
    const observers = [{ onStep: ({ step }: StepReport) => void steps.push(step) }];
    const named = averagePrecisionMetrics(frequencyGroups([16, 16, 16], { headFrom: 10, tailBelow: 5 }));
    const base = { learner, loader, random, observers, selection: { metric: 'mAP/tail' } };
    const message = /options.selection.metric should be one of mAP, mAP\/head, got "mAP\/tail"/;
    await expect(fit({ ...base, validation: { dataset, metrics: named } })).rejects.toThrow(message);
    expect(steps).toEqual([]);
    const unnamed = { dataset, metrics: () => ({ mAP: 1, 'mAP/head': 1 }) };
    await expect(fit({ ...base, validation: unnamed })).rejects.toThrow(message);
    expect(steps.length).toBe(5);
    learner.dispose();
  });
});
