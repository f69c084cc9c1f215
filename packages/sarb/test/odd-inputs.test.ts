import { RandomStream, RandomStreams } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import {
  blendInstances,
  blendPrototypes,
  choosePrototypes,
  classPrototypes,
  contrastiveLoss,
  contrastivePairs,
  contrastiveWeight,
  cooccurrenceAdjacency,
  ElementWiseLinear,
  GatedGraphNetwork,
  GraphClassifier,
  isBlending,
  kMeans,
  lloyd,
  pairedBy,
  pairPlaces,
  prototypesDue,
  SemanticAttention,
  SemanticDecoupling,
} from '../src/index.ts';
import { expectNoLeak, randomLabels } from './support.ts';

const types = ['float32', 'int32', 'bool'] as const;

/** Freed memory that an engine which reads what is not there would find. */
const leaveTraces = () => tf.dispose(Array.from({ length: 64 }, (_, i) => tf.fill([1 + 3 * i], 1234.5)));

describe('labels and masks of any type', () => {
  const features = randomTensor<tf.Tensor3D>([4, 3, 5], 1);
  const { labels, known } = randomLabels(4, 3, 2);
  const as = (type: (typeof types)[number]) => ({ labels: tf.cast(labels, type), known: tf.cast(known, type) });

  it('give the contrastive loss its value', async () => {
    for (const pairs of ['known', 'all'] as const) {
      const losses = types.map((type) =>
        tf.tidy(() => contrastiveLoss(features, as(type).labels, as(type).known, { pairs }).dataSync()[0]),
      );
      expectClose(losses.slice(1), [losses[0], losses[0]], { relative: 0, absolute: 0 });
    }
  });

  it('blend alike', () => {
    const blended = types.map((type) =>
      tf.tidy(() => {
        const batch = { features, ...as(type) };
        const choice = {
          noise: tf.ones<tf.Rank.R2>([4, 3]),
          draw: tf.tensor1d([0.5]),
          counts: tf.ones<tf.Rank.R1>([3]),
        };
        const chosen = choosePrototypes(batch.known, { ...choice, prototypes: tf.ones<tf.Rank.R3>([3, 2, 5]) });
        const views = [
          blendInstances(batch, { alpha: tf.scalar(0.25) }),
          blendPrototypes(batch, chosen, { beta: tf.scalar(0.25) }),
        ];
        return views.flatMap((view) => [view.features, view.labels, view.known].flatMap((x) => [...x.dataSync()]));
      }),
    );
    expectClose(blended[1], blended[0], { relative: 0, absolute: 0 });
    expectClose(blended[2], blended[0], { relative: 0, absolute: 0 });
  });
});

describe('nothing to compare', () => {
  it.each([
    [0, 2, 4],
    [2, 0, 4],
    [1, 2, 4],
  ])('gives a contrastive loss of 0 with a gradient of 0: %i images, %i classes', (B, C, D) => {
    const [features, marks] = [tf.ones([B, C, D]) as tf.Tensor3D, tf.ones([B, C]) as tf.Tensor2D];
    for (const pairs of ['known', 'all', tf.tensor1d([], 'float32')] as const) {
      leaveTraces();
      const { value, grad } = tf.valueAndGrad((x) => contrastiveLoss(x as tf.Tensor3D, marks, marks, { pairs }))(
        features,
      );
      expect(value.dataSync()[0]).toBe(0);
      expect(grad.shape).toEqual([B, C, D]);
      expect([...grad.dataSync()].every((x) => x === 0)).toBe(true);
    }
  });
});

describe('k-means', () => {
  const random = () => new RandomStream(1);
  const points = tf.tensor2d([
    [0, 1],
    [2, 2],
    [3, 3],
  ]);

  it.each([Number.NaN, Infinity])('refuses a point that is %s, and names its row', async (bad) => {
    const odd = tf.tensor2d([
      [0, 1],
      [2, bad],
    ]);
    await expect(kMeans(odd, { clusters: 1, random: random() })).rejects.toThrow(`got ${bad} in row 1`);
    await expect(lloyd(odd, points)).rejects.toThrow(`lloyd: points should be finite numbers everywhere, got ${bad}`);
    await expect(lloyd(points, odd)).rejects.toThrow(`lloyd: start should be finite numbers everywhere, got ${bad}`);
  });

  it.each([
    [{ clusters: 4 }, 'options.clusters'],
    [{ clusters: 0 }, 'options.clusters'],
    [{ clusters: 1.5 }, 'options.clusters'],
    [{ clusters: 1, restarts: 0 }, 'options.restarts'],
    [{ clusters: 1, restarts: Number.NaN }, 'options.restarts'],
    [{ clusters: 1, maxIterations: -1 }, 'options.maxIterations'],
    [{ clusters: 1, tolerance: Number.NaN }, 'options.tolerance'],
    [{ clusters: 1, restart: 2 }, 'restart'],
  ])('refuses %j', async (options, word) => {
    await expect(kMeans(points, { ...options, random: random() } as never)).rejects.toThrow(word);
  });

  it('leaves only the centres behind', () =>
    expectNoLeak(async () => (await kMeans(points, { clusters: 2, random: random() })).centers));
});

it.each([
  [Number.NaN, 1, 1],
  [1, 0, 1],
  [1, Infinity, 1],
  [1, 1, -1],
])('has no weight for step %d of %d steps and the weight %d', (step, stepsPerEpoch, weight) => {
  expect(() => contrastiveWeight(step, stepsPerEpoch, weight)).toThrow(
    /contrastiveWeight: .* should be a finite number/,
  );
});

it('refuses names that the contrastive loss does not know', () => {
  const [features, marks] = [tf.ones([0, 2, 4]) as tf.Tensor3D, tf.ones([0, 2]) as tf.Tensor2D];
  const loss = (options: object) => () => contrastiveLoss(features, marks, marks, options as never);
  expect(loss({ pairs: 'knwon' })).toThrow(/options\.pairs/);
  expect(loss({ pairs: 'known', reduction: 'none' })).toThrow(/options\.reduction should be one of mean, sum/);
  expect(loss({ pairs: 'known', reducton: 'sum' })).toThrow(/reducton/);
});

const batchOf = (labels: tf.Tensor2D, known: tf.Tensor2D) => ({
  features: tf.ones<tf.Rank.R3>([2, 2, 3]),
  labels,
  known,
});
const marks = (last: number) => tf.tensor2d([1, 0, 1, last], [2, 2]);

describe.each([Number.NaN, -1, 257, 1.5])('a label or a mark of %d', (bad) => {
  const at = `${bad} at [1,1]`;
  const good = marks(1);
  const chosen = { chosen: good, prototypes: tf.ones<tf.Rank.R2>([2, 3]) };

  it('is refused with its place', async () => {
    for (const [labels, known] of [
      [marks(bad), good],
      [good, marks(bad)],
    ]) {
      const batch = batchOf(labels, known);
      for (const pairs of ['known', 'all'] as const) {
        expect(() => contrastiveLoss(batch.features, labels, known, { pairs })).toThrow(at);
        expect(() => contrastivePairs(batch.features, labels, known, { pairs })).toThrow(at);
      }
      expect(() => blendInstances(batch, { alpha: tf.scalar(0.5) })).toThrow(at);
      expect(() => blendPrototypes(batch, chosen, { beta: tf.scalar(0.5) })).toThrow(at);
      const given = [{ inputs: batch.features, labels: tf.clone(labels), known: tf.clone(known) }];
      const options = { classes: 2, count: 1, samples: null, random: new RandomStreams(1) };
      await expect(classPrototypes(given, () => batch.features, options)).rejects.toThrow(at);
    }
    const choice = {
      ...{ noise: tf.zeros<tf.Rank.R2>([2, 2]), draw: tf.tensor1d([0]), counts: tf.ones<tf.Rank.R1>([2]) },
      prototypes: tf.ones<tf.Rank.R3>([2, 1, 3]),
    };
    expect(() => choosePrototypes(marks(bad), choice)).toThrow(at);
  });
});

it('blends labels that are blended already', () => {
  const { labels } = blendInstances(batchOf(marks(0.25), marks(1)), { alpha: tf.scalar(0.5) });
  expect(labels.dataSync()[3]).toBe(0.25);
});

describe('prototypes', () => {
  const choice = {
    noise: tf.tensor2d([0.1, 0.9, 0.9, 0.1], [2, 2]),
    draw: tf.tensor1d([0.9, 0.1]),
    prototypes: tf.tensor3d([1, 2, 0, 0], [2, 2, 1]),
    counts: tf.tensor1d([2, 0]),
  };

  it('of a class without positives are never chosen', () => {
    const { chosen, prototypes } = choosePrototypes(tf.zeros([2, 2]), choice);
    expect([...chosen.dataSync(), ...prototypes.dataSync()]).toEqual([1, 0, 1, 0, 2, 1]);
  });

  it('of no class, of no image, or none at all, are chosen nowhere', () => {
    leaveTraces();
    for (const [B, C, K] of [
      [0, 2, 2],
      [2, 0, 2],
      [2, 2, 0],
    ]) {
      const { chosen, prototypes } = choosePrototypes(tf.zeros([B, C]), {
        noise: tf.zeros([B, C]),
        draw: tf.tensor1d([0.5]),
        prototypes: tf.zeros([C, K, 3]),
        counts: tf.zeros([C]),
      });
      expect([chosen.shape, prototypes.shape]).toEqual([
        [B, C],
        [B, 3],
      ]);
      expect([...chosen.dataSync(), ...prototypes.dataSync()].every((x) => x === 0)).toBe(true);
    }
  });

  it('are not chosen by numbers out of range', () => {
    for (const [name, bad] of [
      ['draw', tf.tensor1d([0, -1])],
      ['draw', tf.tensor1d([0, Number.NaN])],
      ['draw', tf.tensor1d([0, 0, 0])],
      ['noise', tf.fill([2, 2], Number.NaN)],
      ['counts', tf.tensor1d([3, 0])],
      ['counts', tf.tensor1d([0.5, 0])],
    ] as const) {
      expect(() => choosePrototypes(tf.zeros([2, 2]), { ...choice, [name]: bad })).toThrow(`choice.${name}`);
    }
    const flag = { ...choice, overwriteFullyKnown: 1 } as never;
    expect(() => choosePrototypes(tf.zeros([2, 2]), flag)).toThrow(
      /choice\.overwriteFullyKnown should be true or false/,
    );
    expect(() => choosePrototypes(tf.zeros([2, 2]), { ...choice, count: 1 } as never)).toThrow(
      /unknown option "count"/,
    );
  });
});

describe('blending', () => {
  it.each([-0.1, 1.1, Number.NaN, Infinity])('keeps no share of %d', (share) => {
    const batch = batchOf(marks(1), marks(1));
    const chosen = { chosen: marks(1), prototypes: tf.ones<tf.Rank.R2>([2, 3]) };
    expect(() => blendInstances(batch, { alpha: tf.scalar(share) })).toThrow(/options\.alpha should be .* in \[0, 1\]/);
    expect(() => blendPrototypes(batch, chosen, { beta: tf.scalar(share) })).toThrow(/options\.beta/);
  });

  it.each([
    [{ alpha: tf.tensor1d([0.5]) }, /options\.alpha/],
    [{ alpha: tf.scalar(0.5), detachLabels: 1 }, /options\.detachLabels should be true or false/],
    [{ alpha: tf.scalar(0.5), pairing: 'reversal' }, /options\.pairing/],
    [{ alpha: tf.scalar(0.5), detachLabel: true }, /unknown option "detachLabel"/],
  ])('refuses options %#', (options, message) => {
    expect(() => blendInstances(batchOf(marks(1), marks(1)), options as never)).toThrow(message);
  });

  it('pairs with images that are there', () => {
    const blend = (partner: tf.Tensor1D) =>
      blendInstances(batchOf(marks(1), marks(1)), { alpha: tf.scalar(0.5), pairing: pairedBy(partner) });
    expect(blend(tf.tensor1d([1, 0])).features.shape).toEqual([2, 2, 3]);
    expect(() => blend(tf.tensor1d([1, 2], 'int32'))).toThrow('partner should be whole numbers from 0 to 1, got 2');
    expect(() => blend(tf.tensor1d([1], 'int32'))).toThrow(/pairedBy: partner/);
  });

  it('of no images gives none', () => {
    const none = {
      features: tf.zeros<tf.Rank.R3>([0, 2, 3]),
      labels: tf.zeros<tf.Rank.R2>([0, 2]),
      known: tf.zeros<tf.Rank.R2>([0, 2]),
    };
    expect(blendInstances(none, { alpha: tf.scalar(0.5) }).features.shape).toEqual([0, 2, 3]);
    const chosen = { chosen: none.known, prototypes: tf.zeros<tf.Rank.R2>([0, 3]) };
    expect(blendPrototypes(none, chosen, { beta: tf.scalar(0.5) }).labels.shape).toEqual([0, 2]);
  });
});

it('samples pairs of images and classes that there are', () => {
  const features = tf.ones<tf.Rank.R3>([2, 2, 3]);
  const loss = (pairs: tf.Tensor1D) => () => contrastiveLoss(features, marks(1), marks(1), { pairs });
  expect(loss(tf.tensor1d([1, 8]))).toThrow('options.pairs should be whole numbers from 0 to 7, got 8 at [1]');
  expect(loss(tf.tensor1d([1]))).toThrow(/options\.pairs should be \[2\]/);
  for (const bad of [-1, 1.5, Number.NaN]) {
    expect(() => pairPlaces(bad, 2)).toThrow('pairPlaces: images');
    expect(() => pairPlaces(2, bad)).toThrow('pairPlaces: classes');
  }
  expect(pairPlaces(0, 2)).toHaveLength(0);
  const none = contrastivePairs(tf.zeros([0, 2, 3]), tf.zeros([0, 2]), tf.zeros([0, 2]), { pairs: 'known' });
  expect([none.cosine.shape, none.counts.positive.dataSync()[0]]).toEqual([[2, 0, 0], 0]);
});

describe('a graph', () => {
  const random = () => new RandomStream(1);
  const network = (adjacency: number[][], others = {}) =>
    new GatedGraphNetwork({ features: 3, adjacency, random: random(), ...others });

  it('of one class is that of a class which only sees itself', () => {
    const statistics = { trainCount: 4, classCounts: [2], cooccurrence: [[2]] };
    expect(cooccurrenceAdjacency(statistics)).toEqual([[1]]);
    const nodes = randomTensor<tf.Tensor3D>([2, 1, 3], 1);
    const alone = network([[1]]).forward(nodes);
    const eye = [
      [1, 0],
      [0, 1],
    ];
    const both = network(eye).forward(tf.concat([nodes, nodes], 1));
    expectClose(alone.dataSync(), tf.slice(both, [0, 1, 0], [2, 1, 3]).dataSync(), { absolute: 1e-6 });
    const classifier = new GraphClassifier({ features: 3, adjacency: [[1]], random: random() });
    expect(tf.grad((x) => classifier.forward(x as tf.Tensor3D))(nodes).shape).toEqual([2, 1, 3]);
  });

  it('has no neighbours of a class that is never seen', () => {
    const cooccurrence = [
      [0, 0],
      [0, 3],
    ];
    expect(cooccurrenceAdjacency({ trainCount: 4, classCounts: [0, 3], cooccurrence })).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('of no images gives none, with a gradient', () => {
    leaveTraces();
    const eye = [
      [1, 0],
      [0, 1],
    ];
    const classifier = new GraphClassifier({ features: 3, adjacency: eye, random: random() });
    const run = (x: tf.Tensor) => classifier.forward(x as tf.Tensor3D);
    expect(run(tf.zeros([0, 2, 3])).shape).toEqual([0, 2]);
    expect(tf.grad(run)(tf.zeros([0, 2, 3])).shape).toEqual([0, 2, 3]);
    expect(network(eye).forward(tf.zeros([0, 2, 3])).shape).toEqual([0, 2, 3]);
  });

  it.each([
    [[], {}],
    [[[1, 0]], {}],
    [[[Number.NaN]], {}],
    [[[-1]], {}],
    [[[1]], { steps: 0 }],
    [[[1]], { steps: 1.5 }],
    [[[1]], { steps: Infinity }],
    [[[1]], { features: 0 }],
    [[[1]], { step: 3 }],
  ])('is not made of %j with %j', (adjacency, others) => {
    expect(() => network(adjacency, others)).toThrow(/GatedGraphNetwork: options/);
  });
});

describe('class features', () => {
  const random = () => new RandomStream(1);
  const decoupling = new SemanticDecoupling({ features: 3, wordFeatures: 2, innerFeatures: 4, random: random() });
  const masks = new SemanticAttention({ channels: 3, features: 4, classes: 2, random: random() });

  it('of no images, or no classes, are none, with a gradient', () => {
    leaveTraces();
    const words = (C: number): tf.Tensor2D => tf.ones([C, 2]);
    const none = tf.zeros<tf.Rank.R4>([0, 2, 2, 3]);
    expect(decoupling.forward(none, words(2)).attention.shape).toEqual([0, 2, 4]);
    expect(decoupling.forward(tf.ones([1, 2, 2, 3]), words(0)).features.shape).toEqual([1, 0, 3]);
    expect(masks.forward(none).features.shape).toEqual([0, 2, 4]);
    for (const run of [
      (x: tf.Tensor) => decoupling.forward(x as tf.Tensor4D, words(2)).features,
      (x: tf.Tensor) => masks.forward(x as tf.Tensor4D).features,
    ]) {
      expect(tf.grad(run)(none).shape).toEqual([0, 2, 2, 3]);
    }
  });

  it('of no places are refused by a softmax over them, and 0 by a sum', () => {
    expect(() => decoupling.forward(tf.zeros([1, 0, 2, 3]), tf.ones([2, 2]))).toThrow(
      /map should be at least one place/,
    );
    expect([...masks.forward(tf.zeros([1, 0, 2, 3])).features.dataSync()]).toEqual(new Array(8).fill(0));
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity])('come of no sizes of %d', (count) => {
    for (const name of ['features', 'wordFeatures', 'innerFeatures']) {
      const options = { features: 3, wordFeatures: 2, random: random(), [name]: count };
      expect(() => new SemanticDecoupling(options)).toThrow(`SemanticDecoupling: options.${name}`);
    }
    for (const name of ['channels', 'features', 'classes']) {
      const options = { channels: 3, features: 2, classes: 2, random: random(), [name]: count };
      expect(() => new SemanticAttention(options)).toThrow(`SemanticAttention: options.${name}`);
    }
    for (const name of ['features', 'classes']) {
      const options = { features: 2, classes: 2, random: random(), [name]: count };
      expect(() => new ElementWiseLinear(options)).toThrow(`ElementWiseLinear: options.${name}`);
    }
  });
});

it.each([-1, 0.5, Number.NaN, Infinity])('has no schedule of %d', (bad) => {
  expect(() => isBlending(bad, { from: 1 })).toThrow('isBlending: epoch');
  expect(() => isBlending(1, { from: bad })).toThrow('isBlending: schedule.from');
  expect(() => prototypesDue(1, { from: 0, prototypesEvery: bad })).toThrow('schedule.prototypesEvery');
});

it('has no clusters of no points', async () => {
  for (const empty of [tf.zeros<tf.Rank.R2>([0, 2]), tf.zeros<tf.Rank.R2>([2, 0])]) {
    await expect(kMeans(empty, { clusters: 1, random: new RandomStream(1) })).rejects.toThrow(/kMeans: points/);
    await expect(lloyd(empty, tf.ones([1, empty.shape[1]]))).rejects.toThrow(
      /lloyd: (points|start) should be not empty/,
    );
    await expect(lloyd(tf.ones([2, 2]), tf.zeros([0, 2]))).rejects.toThrow(/lloyd: start should be not empty/);
  }
});
