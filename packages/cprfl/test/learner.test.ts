import { type CprflConfig, type CprflParts, cprfl, cprflConfigSchema } from '@ltml/cprfl';
import { asymmetricLoss, distributionBalancedLoss } from '@ltml/losses';
import {
  compile,
  differentiate,
  disposeGradients,
  Ema,
  exportState,
  importState,
  Module,
  OptionError,
  RandomStreams,
} from '@ltml/tensor';
import type { Criterion, Encoder, EncoderOutput, Task } from '@ltml/tensor/contract';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from './support.ts';

const classes = ['cat', 'dog', 'owl', 'eel'];
const task: Task = {
  classes,
  statistics: {
    trainCount: 40,
    classCounts: [30, 12, 5, 2],
    cooccurrence: classes.map(() => [0, 0, 0, 0]),
  },
};

function config(changes: Record<string, unknown> = {}): CprflConfig {
  return cprflConfigSchema.parse({
    width: 6,
    vsi: { heads: 2, headWidth: 4, hiddenWidth: 7 },
    epochs: 5,
    schedule: { epochs: 8 },
    optimizer: { learningRate: 0.01 },
    averageDecay: 0.9,
    ...changes,
  });
}

/** An encoder that is nothing but what its output is called. */
class Renamed extends Module implements Encoder {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  forward(images: tf.Tensor): EncoderOutput {
    return { features: tf.mean(images, [1, 2]) as tf.Tensor2D, [this.name]: images } as EncoderOutput;
  }
}

function create(changes: Record<string, unknown> = {}, parts: Partial<CprflParts> = {}, seed = 3) {
  const random = new RandomStreams(seed);
  const classEmbeddings = randomTensor<tf.Tensor2D>([4, 7], 1);
  const learner = cprfl.create(task, { features: 5, classEmbeddings, ...parts }, config(changes), random);
  classEmbeddings.dispose();
  return { learner, random };
}

function batchOf(step: number) {
  const draws = randomTensor([3, 4], 1000 + step);
  const labels = tf.tidy(() => tf.cast(tf.greater(draws, 0.4), 'float32')) as tf.Tensor2D;
  draws.dispose();
  return { inputs: randomTensor([3, 2, 2, 5], 2000 + step), labels, known: tf.onesLike(labels) };
}

type Tensors = Awaited<ReturnType<typeof exportState>>;

interface Saved {
  readonly learner: Tensors;
  readonly optimizer: Tensors;
  readonly average: Tensors;
  readonly random: ReturnType<RandomStreams['state']>;
  readonly step: number;
}

/** Training with what the learner's stage says, in steps that are compiled where the engine can; it can be saved. */
function trainer(changes: Record<string, unknown> = {}, eager = false) {
  const { learner, random } = create(changes);
  const [stage] = learner.stages;
  const named = [...learner.trainableParameters()];
  const optimizer = stage.optimizer(named);
  const schedule = stage.schedule(25);
  const average = new Ema(learner, { decay: stage.averageDecay ?? 0 });
  let step = 0;
  const context = onlyStep(random);
  const run = compile(
    (inputs: tf.Tensor, labels: tf.Tensor, known: tf.Tensor) => {
      const batch = { inputs, labels: labels as tf.Tensor2D, known: known as tf.Tensor2D };
      const { loss, gradients } = differentiate(
        () => learner.stages[0].step(batch, context),
        named.map(([, parameter]) => parameter),
      );
      optimizer.step(gradients, () => schedule(step));
      average.update();
      disposeGradients(gradients);
      return { loss };
    },
    { eager },
  );
  return {
    learner,
    average,
    /** Losses of the next steps. */
    train(steps: number): number[] {
      return Array.from({ length: steps }, () => {
        const { inputs, labels, known } = batchOf(step);
        const { loss } = run(inputs, labels, known);
        const value = loss.dataSync()[0];
        tf.dispose([inputs, labels, known, loss]);
        step++;
        return value;
      });
    },
    async save(): Promise<Saved> {
      const state = { learner: await exportState(learner), optimizer: await optimizer.exportState() };
      return { ...state, average: await average.exportState(), random: random.state(), step };
    },
    restore(saved: Saved): void {
      importState(learner, saved.learner);
      optimizer.importState(saved.optimizer);
      average.importState(saved.average);
      random.restore(saved.random);
      step = saved.step;
    },
    dispose(): void {
      run.dispose();
      optimizer.dispose();
      average.dispose();
      learner.dispose();
    },
  };
}

describe('the learner of CPRFL', () => {
  it('learns, and its compiled steps equal its eager ones', async () => {
    const [eager, compiled] = [trainer({}, true), trainer({}, false)];
    const losses = eager.train(25);
    expectClose(compiled.train(20), losses.slice(0, 20), { relative: 1e-6, absolute: 0 });
    compiled.train(5);
    const [a, b] = [await eager.average.exportState(), await compiled.average.exportState()];
    for (const [name, { data }] of a) {
      expectClose(Array.from(b.get(name)?.data ?? [], Number), Array.from(data, Number), { absolute: 2e-5 });
    }
    eager.dispose();
    compiled.dispose();
  });

  it('goes on from a saved state bit for bit, dropout and averages included', async () => {
    const whole = trainer();
    const losses = whole.train(12);
    const first = trainer();
    first.train(5);
    const second = trainer();
    second.train(2);
    second.restore(await first.save());
    expect(second.train(7)).toEqual(losses.slice(5));
    expect(await second.save()).toEqual(await whole.save());
    for (const { dispose } of [whole, first, second]) dispose();
  });

  it('overfits a batch', () => {
    const { learner, random } = create({
      averageDecay: null,
      vsi: { heads: 2, headWidth: 4, hiddenWidth: 7, dropout: 0 },
    });
    const optimizer = learner.stages[0].optimizer([...learner.trainableParameters()]);
    const batch = batchOf(1);
    const context = onlyStep(random);
    const loss = () => tf.tidy(() => learner.stages[0].step(batch, context).loss.dataSync()[0]);
    const before = loss();
    const parameters = [...learner.namedParameters()].map(([, parameter]) => parameter);
    for (let i = 0; i < 150; i++) {
      tf.tidy(() => optimizer.step(differentiate(() => learner.stages[0].step(batch, context), parameters).gradients));
    }
    expect(loss()).toBeLessThan(0.02 * before);
    optimizer.dispose();
    learner.dispose();
  });

  it('takes any loss, and gives it the known labels', () => {
    const { labels, inputs } = batchOf(1);
    const known = tf.tensor2d([0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1], [3, 4]);
    const { learner, random } = create({ vsi: { heads: 2, headWidth: 4, hiddenWidth: 7, dropout: 0 } });
    const context = onlyStep(random);
    const logits = learner.predict(inputs);
    const own = learner.stages[0].step({ inputs, labels, known }, context).loss;
    const published = { reduction: 'mean', gammaNegative: 4, gammaPositive: 0, clip: 0.05, known } as const;
    expectClose(own.dataSync(), asymmetricLoss(logits, labels, published).dataSync());
    const { learner: other } = create(
      { vsi: { heads: 2, headWidth: 4, hiddenWidth: 7, dropout: 0 } },
      { criterion: (x, y, known) => distributionBalancedLoss(x, y, task.statistics, { known }), lossReduction: 'sum' },
    );
    const mixed = other.stages[0].step({ inputs, labels, known }, context).loss;
    expectClose(mixed.dataSync(), distributionBalancedLoss(logits, labels, task.statistics, { known }).dataSync());
    expect(other.stages[0].lossReduction).toBe('sum');
    learner.dispose();
    other.dispose();
  });

  it('takes labels between 0 and 1 where the loss that it is given does, and none of its own', () => {
    const criterion: Criterion = (logits) => tf.mean(logits);
    const learners = [{}, { softLabels: true }, { criterion }, { criterion, softLabels: true }].map(
      (parts) => create({}, parts).learner,
    );
    expect(learners.map(({ stages }) => stages[0].softLabels)).toEqual([false, false, false, true]);
    for (const learner of learners) learner.dispose();
  });

  it('reads the map or the patches of an encoder, and refuses one that only pools', () => {
    const maps = randomTensor([2, 3, 3, 5], 1);
    const { learner: bare } = create();
    const expected = bare.eval().predict(maps).dataSync();
    for (const name of ['featureMap', 'patches']) {
      const { learner } = create({}, { encoder: new Renamed(name) });
      expect(learner.eval().predict(maps).dataSync()).toEqual(expected);
      learner.dispose();
    }
    const { learner } = create({}, { encoder: new Renamed('cls') });
    expect(() => learner.predict(maps)).toThrow(/an encoder with a featureMap or patches, got one with features, cls/);
    for (const each of [learner, bare]) each.dispose();
  });

  it('gives prompts, tokens, class features and attention by name', () => {
    const { learner } = create();
    const shapes = Object.entries(learner.forward(randomTensor([2, 3, 2, 5], 1))).map(([name, { shape }]) => [
      name,
      shape,
    ]);
    expect(Object.fromEntries(shapes)).toEqual({
      logits: [2, 4],
      prompts: [4, 6],
      visualTokens: [2, 6, 6],
      classFeatures: [2, 4, 6],
      attention: [2, 2, 4, 10],
    });
    learner.dispose();
  });

  it('has a baseline without prompts, which needs no embeddings', () => {
    const random = new RandomStreams(1);
    const learner = cprfl.create(task, { features: 5 }, config({ vsi: null }), random);
    const maps = randomTensor<tf.Tensor4D>([2, 3, 2, 5], 1);
    expect([...learner.namedParameters()].map(([name]) => name)).toEqual(['head.linear.weight', 'head.linear.bias']);
    const pooled = learner.predict(tf.expandDims(tf.expandDims(tf.mean(maps, [1, 2]), 1), 1));
    expectClose(learner.predict(maps).dataSync(), pooled.dataSync());
    learner.dispose();
  });

  it('refuses embeddings of other classes, or none', () => {
    const make = (parts: Partial<CprflParts>) => () => create({}, parts);
    expect(make({ classEmbeddings: tf.ones([3, 7]) })).toThrow(/one row for each of the 4 classes, got \[3, 7\]/);
    expect(() => cprfl.create(task, { features: 5 }, config(), new RandomStreams(1))).toThrow(
      expect.toSatisfy(OptionError.is),
    );
  });

  it('leaves no tensor behind, whoever owns the embeddings', () => {
    const before = tf.memory().numTensors;
    const run = trainer();
    run.train(3);
    tf.tidy(() => void run.learner.forward(randomTensor([1, 1, 1, 5], 1)));
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
