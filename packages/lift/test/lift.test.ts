import { ClipVisionTransformer, VisionTransformer } from '@ltml/backbone';
import {
  adapterWidth,
  attachAdapters,
  averageCrops,
  CosineHead,
  classMeanWeights,
  Lift,
  liftConfigSchema,
  liftHeadConfigSchema,
  textWeights,
} from '@ltml/lift';
import {
  DataError,
  Module,
  NotSupportedError,
  OptionError,
  RandomStream,
  RandomStreams,
  ShapeError,
} from '@ltml/tensor';
import type { Batch, StepContext } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 1, 'float32', seed);
const task = {
  classes: ['a', 'b', 'c'],
  statistics: { trainCount: 10, classCounts: [6, 3, 1], cooccurrence: [] },
};
const size = { imageSize: 8, patchSize: 4, width: 8, heads: 2 };
const towers = {
  CLIP: (recompute = false) =>
    new ClipVisionTransformer({ ...size, layers: 2, embedding: 5, recompute }, new RandomStream(1)),
  timm: (recompute = false) => new VisionTransformer({ ...size, depth: 2, recompute }, new RandomStream(1)),
};
const embedded = { CLIP: 5, timm: 8 };
const images = normal<tf.Rank.R4>([2, 8, 8, 3], 3);
const create = (kind: keyof typeof towers, recompute = false) =>
  new Lift(
    task,
    {
      features: embedded[kind],
      encoder: towers[kind](recompute),
      classEmbeddings: normal([3, embedded[kind]], 4),
    },
    liftConfigSchema.parse({ adapters: { bottleneck: 2 } }),
    new RandomStreams(2),
  );

describe.each(['CLIP', 'timm'] as const)('on a tower of %s', (kind) => {
  it('begins with the features of the frozen tower, and trains nothing of it but the adapters', () => {
    const [learner, plain] = [create(kind), towers[kind]()];
    const output = plain.forward(images) as { features: tf.Tensor; unprojected?: tf.Tensor };
    expectClose(learner.forward(images).features.dataSync(), (output.unprojected ?? output.features).dataSync(), {
      absolute: 1e-5,
    });
    const names = [...learner.trainableParameters()].map(([name]) => name);
    expect(names.every((name) => name === 'head.weight' || name.includes('.adapter.'))).toBe(true);
    expect(names).toHaveLength(1 + 2 * 7);
    learner.dispose();
    plain.dispose();
  });

  it('has the same gradients where activations are computed anew', () => {
    const gradients = [false, true].map((recompute) => {
      const learner = create(kind, recompute);
      // Away from U = 0, where nothing comes through to what lies before it.
      for (const [name, { variable, shape }] of learner.trainableParameters()) {
        if (name.includes('up_proj')) variable.assign(normal(shape as [number], 5));
      }
      const variables = [...learner.trainableParameters()].map(([, { variable }]) => variable);
      const batch = { inputs: images, labels: tf.tensor2d([1, 0, 0, 0, 0, 1], [2, 3]), known: tf.ones([2, 3]) };
      const { grads } = tf.variableGrads(
        () => learner.stages[0].step(batch as Batch, { epoch: 0 } as StepContext).loss,
        variables,
      );
      const values = variables.flatMap(({ name }) => Array.from(grads[name].dataSync()));
      learner.dispose();
      return values;
    });
    expect(gradients[0].some((g) => Math.abs(g) > 1e-3)).toBe(true);
    expectClose(gradients[1], gradients[0], { relative: 1e-4, absolute: 1e-6 });
  });
});

it('adapts the last blocks alone, and says which encoders take adapters', () => {
  const tower = towers.timm();
  const options = { width: 8, classes: 40, bottleneck: null, random: new RandomStream(1) };
  attachAdapters(tower, { ...options, last: 1 });
  expect(tower.adaptableBlocks.map(({ adapter }) => adapter !== undefined)).toEqual([false, true]);
  expect(tower.blocks[1].adapter && [...tower.blocks[1].adapter.namedParameters()][2][1].shape).toEqual([8, 8]);
  expect(() => attachAdapters(tower, { ...options, last: 3 })).toThrow(OptionError);
  class Other extends Module {
    forward = () => ({ features: tf.zeros<tf.Rank.R2>([1, 8]) });
  }
  expect(() => attachAdapters(new Other(), { ...options, last: null })).toThrow(NotSupportedError);
  expect([adapterWidth(1000, 12), adapterWidth(3, 12)]).toEqual([32, 1]);
});

it('begins with texts, taken back through the projection, or with means of classes', () => {
  const [texts, projection] = [normal<tf.Rank.R2>([3, 5], 6), normal<tf.Rank.R2>([8, 5], 7)];
  const features = normal<tf.Rank.R2>([2, 8], 8);
  const head = new CosineHead({ features: 8, classes: 3, random: new RandomStream(1) });
  head.weight.variable.assign(textWeights(texts, projection));
  // The order of the classes is that of text and projected feature.
  const [logits, products] = [head.forward(features), tf.matMul(tf.matMul(features, projection), texts, false, true)];
  const scale = tf.div(logits, products);
  const lengths = tf.mul(tf.norm(features, 2, 1, true), tf.norm(tf.matMul(texts, projection, false, true), 2, 1));
  expectClose(tf.mul(scale, lengths).dataSync(), new Array(6).fill(25), { relative: 1e-3 });
  expect(() => textWeights(texts, normal([8, 4], 1))).toThrow(ShapeError);
  const means = classMeanWeights(tf.tensor2d([[3, 4]]), tf.tensor1d([2]));
  expectClose(means.dataSync(), [0.6, 0.8]);
  expect(() => classMeanWeights(tf.zeros([2, 2]), tf.tensor1d([1, 0]))).toThrow(DataError);
  expect(() => classMeanWeights(tf.tensor2d([[1, Number.NaN]]), tf.tensor1d([1]))).toThrow(
    /sums .* got NaN at \[0,1\]/,
  );
});

it('averages over crops that lie one below the other', () => {
  const learner = create('timm');
  const crops = normal<tf.Rank.R4>([2, 40, 8, 3], 9);
  const each = tf.split(tf.slice(crops, [1, 0, 0, 0], [1, 40, 8, 3]), 5, 1).map((x) => learner.predict(x));
  const expected = tf.mean(tf.concat(each), 0).dataSync();
  expectClose(tf.slice(learner.predict(crops), [1, 0], [1, 3]).dataSync(), expected, { absolute: 1e-4 });
  expect(averageCrops(images, () => tf.ones([2, 3])).shape).toEqual([2, 3]);
  learner.dispose();
});

it('needs texts unless it begins with images, and an encoder to adapt', () => {
  const random = new RandomStreams(1);
  const head = liftHeadConfigSchema.parse({});
  expect(() => new Lift(task, { features: 8 }, head, random)).toThrow('classMeanEpochs');
  expect(() => new Lift(task, { features: 8 }, liftConfigSchema.parse({}), random)).toThrow('parts.encoder');
  const means = liftHeadConfigSchema.parse({ classMeanEpochs: 1 });
  const learner = new Lift(task, { features: 8 }, means, random);
  expect(learner.stages.map(({ name }) => name)).toEqual(['class-means', 'train']);
  const [{ step, beforeEvaluation }] = learner.stages;
  const [features, labels] = [normal<tf.Rank.R2>([3, 8], 1), tf.eye(3)];
  const context = { epoch: 0 } as StepContext;
  step({ inputs: features, labels, known: tf.ones([3, 3]) }, context);
  void beforeEvaluation?.();
  expectClose(tf.argMax(learner.predict(features), 1).dataSync(), [0, 1, 2]);
});
