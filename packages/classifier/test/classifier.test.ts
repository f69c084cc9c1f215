import { Classifier, classifier, classifierConfigSchema } from '@ltml/classifier';
import { BatchLoader, type LabelledInputs, UniformSampler } from '@ltml/data';
import { BatchNorm, Conv2d, exportState, globalAveragePool, Module, RandomStream, RandomStreams } from '@ltml/tensor';
import type { Criterion } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Binary cross-entropy on logits, the mean over images and classes. */
const bce: Criterion = (logits, labels) => tf.tidy(() => tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits))));

const classes = ['a', 'b', 'c'];
const task = { classes, statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };

/** One convolution and one batch norm: enough of an encoder to be frozen in parts. */
class TinyEncoder extends Module {
  readonly conv1: Conv2d = new Conv2d({
    inChannels: 3,
    outChannels: 4,
    kernel: 3,
    padding: 1,
    bias: false,
    random: new RandomStream(1),
  });
  readonly bn1: BatchNorm = new BatchNorm({ channels: 4 });

  forward(images: tf.Tensor): { features: tf.Tensor2D } {
    const map = tf.relu(this.bn1.forward(this.conv1.forward(images as tf.Tensor4D)));
    return { features: globalAveragePool(map as tf.Tensor4D) };
  }
}

function create(config: object, encoder?: TinyEncoder) {
  const parts = { criterion: bce, features: 4, ...(encoder && { encoder }) };
  return new Classifier(task, parts, classifierConfigSchema.parse(config), new RandomStreams(3));
}

/** 40 images of 4 × 4 with labels, both of noise. */
function imageDataset(): LabelledInputs {
  const random = new RandomStream(4);
  const images = Float32Array.from({ length: 40 * 48 }, () => random.normal());
  const present = Uint8Array.from({ length: 40 * 3 }, () => (random.uniform() < 0.4 ? 1 : 0));
  return {
    name: 'noise',
    classes,
    labels: { rows: 40, columns: 3, present },
    inputs: {
      length: 40,
      shape: [4, 4, 3],
      read: async (indices) => {
        const batch = new Float32Array(indices.length * 48);
        for (let i = 0; i < indices.length; i++)
          batch.set(images.subarray(indices[i] * 48, indices[i] * 48 + 48), i * 48);
        return batch;
      },
    },
  };
}

/** Names of the state that one epoch changes. */
async function changed(learner: Classifier): Promise<string[]> {
  const dataset = imageDataset();
  const random = new RandomStreams(1);
  const sampler = new UniformSampler({ length: 40, random: random.stream('shuffle') });
  const before = await exportState(learner);
  await fit({ learner, random, loader: new BatchLoader({ dataset, sampler, batchSize: 8 }) });
  const after = await exportState(learner);
  learner.dispose();
  return [...before].filter(([name, { data }]) => `${data}` !== `${after.get(name)?.data}`).map(([name]) => name);
}

describe('Classifier', () => {
  it('is W x + b on features, from small weights and no bias', async () => {
    const learner = create({});
    const state = await exportState(learner);
    expect([...state].map(([name, { shape }]) => [name, shape])).toEqual([
      ['head.weight', [3, 4]],
      ['head.bias', [3]],
    ]);
    const weight = state.get('head.weight')?.data as Float32Array;
    expect(Array.from(state.get('head.bias')?.data as Float32Array)).toEqual([0, 0, 0]);
    expect(weight.every((w) => w !== 0 && Math.abs(w) < 0.06)).toBe(true);
    const x = [1, -2, 3, 0.5];
    const scores = tf.tidy(() => learner.predict(tf.tensor2d([x])).dataSync());
    expectClose(
      scores,
      [0, 1, 2].map((c) => x.reduce((sum, value, i) => sum + value * weight[4 * c + i], 0)),
    );
    learner.dispose();
  });

  it('gives scores of the kind that its criterion makes', () => {
    const parts = { criterion: bce, features: 4 };
    const kinds = [parts, { ...parts, scores: 'relative' as const }].map((some) => {
      const learner = new Classifier(task, some, classifierConfigSchema.parse({}), new RandomStreams(3));
      learner.dispose();
      return learner.scores;
    });
    expect(kinds).toEqual(['sigmoid', 'relative']);
  });

  it('pools cached feature maps', () => {
    const learner = create({});
    const { features, embedding, logits } = learner.forward(tf.ones([2, 5, 5, 4]));
    expect([features.shape, embedding.shape, logits.shape]).toEqual([
      [2, 4],
      [2, 4],
      [2, 3],
    ]);
    expectClose(features.dataSync(), new Array(8).fill(1));
    learner.dispose();
  });

  it('starts the neck from N(0, 2 / width) and no bias', async () => {
    const random = new RandomStreams(3);
    const config = classifierConfigSchema.parse({ neck: {} });
    const learner = new Classifier(task, { criterion: bce, features: 400 }, config, random);
    const state = await exportState(learner);
    const weight = state.get('neck.fc.weight')?.data as Float32Array;
    const variance = weight.reduce((sum, w) => sum + w * w, 0) / weight.length;
    // 102,400 draws: the sample variance has a relative deviation of √(2 / 102,400) = 0.0044.
    expect(variance / (2 / 256)).toBeGreaterThan(0.98);
    expect(variance / (2 / 256)).toBeLessThan(1.02);
    expect(state.get('neck.fc.bias')?.data).toEqual(new Float32Array(256));
    learner.dispose();
  });

  it('draws dropout in training and none in evaluation', () => {
    const learner = create({ neck: { width: 64, dropout: 0.5 } });
    const x = tf.randomNormal([8, 4], 0, 1, 'float32', 3);
    const embed = () => tf.tidy(() => learner.forward(x).embedding.dataSync());
    const zeros = (values: ArrayLike<number>) => Array.from(values).filter((value) => value === 0).length;
    learner.train();
    expect(zeros(embed())).toBeGreaterThan(180);
    expect(embed()).not.toEqual(embed());
    learner.eval();
    expect(zeros(embed())).toBe(0);
    expect(embed()).toEqual(embed());
    x.dispose();
    learner.dispose();
  });

  it('trains all of the encoder but its running statistics by default', async () => {
    expect(await changed(create({ epochs: 1 }, new TinyEncoder()))).toEqual([
      'encoder.conv1.weight',
      'encoder.bn1.weight',
      'encoder.bn1.bias',
      'head.weight',
      'head.bias',
    ]);
  });

  it('moves the running statistics of the encoder where they are let', async () => {
    const names = await changed(create({ epochs: 1, freeze: { parameters: '', statistics: null } }, new TinyEncoder()));
    expect(names).toEqual(['encoder.bn1.running_mean', 'encoder.bn1.running_var', 'head.weight', 'head.bias']);
  });

  it('leaves frozen parameters alone', async () => {
    const names = await changed(create({ epochs: 1, freeze: { parameters: '^conv1\\.' } }, new TinyEncoder()));
    expect(names).toEqual(['encoder.bn1.weight', 'encoder.bn1.bias', 'head.weight', 'head.bias']);
  });
});

describe('the method classifier', () => {
  it('holds the published training of the Distribution-Balanced loss', () => {
    const [stage] = classifier.create(
      task,
      { criterion: bce, features: 4 },
      classifier.presets['distribution-balanced'],
      new RandomStreams(1),
    ).stages;
    // COCO-MLT: 705 batches an epoch, 8 epochs.
    const factor = (step: number) => stage.schedule(8 * 705)(step).learningRateFactor;
    expectClose([factor(0), factor(250), factor(500)], [1 / 3, 2 / 3, 1]);
    expectClose([factor(5 * 705 - 1), factor(5 * 705), factor(7 * 705 - 1), factor(7 * 705)], [1, 0.1, 0.1, 0.01]);
    expect(stage).toMatchObject({ epochs: 8, maxGradientNorm: 35 });
  });

  it.each([
    [{ epoch: 3 }, /epoch/],
    [{ epochs: 0 }, /epochs/],
    [{ optimizer: { name: 'sgd' } }, /learningRate/],
    [{ optimizer: { name: 'lion', learningRate: 1 } }, /optimizer/],
    [{ neck: { layers: 3 } }, /layers/],
    [{ freeze: { parameters: '(' } }, /not a regular expression/],
  ])('refuses the configuration %j', (config, message) => {
    expect(() => classifier.configSchema.parse(config)).toThrow(message);
  });

  it.each([
    [{ name: 'constant' }, [1, 1, 1]],
    [{ name: 'cosine' }, [1, 0.5, 0]],
    [{ name: 'multiStep', milestones: [1] }, [1, 0.1, 0.1]],
  ])('follows the schedule %j at the start, the middle and the end', (schedule, expected) => {
    const learner = create({ epochs: 2, schedule });
    const rates = learner.stages[0].schedule(20);
    expectClose(
      [0, 10, 20].map((step) => rates(step).learningRateFactor),
      expected,
    );
    learner.dispose();
  });
});
