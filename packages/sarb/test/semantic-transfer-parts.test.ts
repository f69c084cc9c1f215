import { readFileSync } from 'node:fs';
import { asymmetricLoss, partialBinaryCrossEntropy } from '@ltml/losses';
import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import {
  CoOccurrence,
  classPairs,
  classSimilarity,
  fallingMargin,
  meanCoOccurrence,
  meanDirection,
  PositivesQueue,
  pairLabels,
  prototypeDistance,
  pseudoLabels,
} from '../src/index.ts';
import { expectNoLeak } from './support.ts';

type Values = number | readonly Values[];

/** Made by fixtures/transfer/make.py, from the equations. */
const stored = JSON.parse(readFileSync(new URL('./fixtures/transfer/values.json', import.meta.url), 'utf8')) as Record<
  string,
  Values
>;

const numbers = (name: string): number[] => [stored[name]].flat(9 as 1) as number[];
const tensorOf = <T extends tf.Tensor = tf.Tensor2D>(name: string): T => tf.tensor(stored[name] as never) as T;
const marked = (mark: (label: number) => boolean): tf.Tensor2D =>
  tf.tensor2d(
    numbers('labels').map((label) => Number(mark(label))),
    [3, 4],
  );
const labels = marked((label) => label === 1);
const known = marked((label) => label !== 0);
const features = tensorOf<tf.Tensor3D>('features');

function storedHead(): CoOccurrence {
  const options = { classes: 4, features: 5, pairFeatures: 3, hiddenFeatures: 6, random: new RandomStream(1) };
  const head = new CoOccurrence(options);
  for (const [i, layer] of [head.fc1, head.fc2, head.fc3].entries()) {
    layer.weight.variable.assign(tf.transpose(tensorOf(`w${i + 1}`)));
    layer.bias?.variable.assign(tensorOf(`b${i + 1}`));
  }
  head.pairs.weight.variable.assign(tensorOf('w'));
  head.pairs.bias?.variable.assign(tensorOf('c'));
  return head;
}

describe('co-occurrence of classes', () => {
  it('is that of the equations, with its gradients', () => {
    const head = storedHead();
    const close = { relative: 1e-5, absolute: 1e-5 };
    expectClose(head.forward(features).dataSync(), numbers('logits'), close);
    const upstream = tensorOf('upstream');
    const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(head.forward(x as tf.Tensor3D), upstream));
    expectClose(tf.grad(loss)(features).dataSync(), numbers('grad_features'), close);
    const { grads } = tf.variableGrads(() => loss(features));
    for (const [i, layer] of [head.fc1, head.fc2, head.fc3].entries()) {
      const byWeight = tf.transpose(grads[layer.weight.variable.name]);
      expectClose(byWeight.dataSync(), numbers(`grad_w${i + 1}`), close);
      expectClose(grads[layer.bias!.variable.name].dataSync(), numbers(`grad_b${i + 1}`), close);
    }
    expectClose(grads[head.pairs.weight.variable.name].dataSync(), numbers('grad_w'), close);
    expectClose(grads[head.pairs.bias!.variable.name].dataSync(), numbers('grad_c'), close);
  });

  it('is learned from pairs of known labels', () => {
    const { labels: both, known: certain } = pairLabels(labels, known);
    // Of the first image 0, 2 and 3 are known, of the last 0 and 1.
    expect([...certain.dataSync()]).toEqual([0, 1, 1, 0, 0, 1, ...new Array(6).fill(0), 1, 0, 0, 0, 0, 0]);
    expect([...both.dataSync()].map(Boolean).indexOf(true)).toBe(2);
    expect([...both.dataSync()].filter((value) => value > 0)).toEqual([1]);
    const options = { gammaPositive: 1, gammaNegative: 2, clip: 0.05, known: certain, reduction: 'mean' } as const;
    expectClose(asymmetricLoss(tensorOf('logits'), both, options).dataSync(), [stored.pair_loss as number]);
  });

  it('with known positives is the mean over these; of no other there is none', () => {
    const scores = meanCoOccurrence(tf.sigmoid(tensorOf('logits')) as tf.Tensor2D, labels, known);
    expectClose(scores.dataSync(), numbers('intra'), { absolute: 1e-6 });
    const alone = meanCoOccurrence(tf.ones<tf.Rank.R2>([1, 1]), tf.tensor2d([[1, 0]]), tf.tensor2d([[1, 0]]));
    expect([...alone.dataSync()]).toEqual([0, 1]);
    const lied = meanCoOccurrence(tf.ones<tf.Rank.R2>([1, 1]), tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 0]]));
    expect([...lied.dataSync()]).toEqual([0, 0]);
  });

  it('lists each pair once, the smaller class first', () => {
    const { first, second } = classPairs(3);
    expect([[...first], [...second]]).toEqual([
      [0, 0, 1],
      [1, 2, 2],
    ]);
    expect([0, 1].map((classes) => classPairs(classes).first.length)).toEqual([0, 0]);
    expect(() => classPairs(-1)).toThrow('classPairs: classes');
  });

  it('needs two classes, and sizes', () => {
    const options = { classes: 2, features: 3, random: new RandomStream(1) };
    for (const [name, bad] of [
      ['classes', 1],
      ['features', 0],
      ['pairFeatures', 1.5],
      ['hiddenFeatures', Number.NaN],
    ] as const) {
      expect(() => new CoOccurrence({ ...options, [name]: bad })).toThrow(`CoOccurrence: options.${name}`);
    }
  });
});

describe('similarity with vectors of a class', () => {
  it('is the mean cosine with those that there are, with its gradient', () => {
    const counts = tensorOf<tf.Tensor1D>('counts');
    const directions = meanDirection(tensorOf<tf.Tensor3D>('vectors'), counts);
    const close = { absolute: 1e-6 };
    expectClose(classSimilarity(features, directions).dataSync(), numbers('similarity'), close);
    const gradient = tf.grad((x) => tf.sum(classSimilarity(x as tf.Tensor3D, directions)))(features);
    expectClose(gradient.dataSync(), numbers('grad_similarity_features'), close);
  });

  it('draws features to their prototypes where they should be, and away elsewhere', () => {
    const counts = tensorOf<tf.Tensor1D>('counts');
    const directions = meanDirection(tensorOf<tf.Tensor3D>('vectors'), counts);
    const counted = tf.mul<tf.Tensor2D>(known, tf.cast(tf.greater(counts, 0), 'float32'));
    const loss = (x: tf.Tensor): tf.Scalar =>
      prototypeDistance(classSimilarity(x as tf.Tensor3D, directions), labels, counted);
    expectClose(loss(features).dataSync(), [stored.distance as number], { absolute: 1e-6 });
    expectClose(tf.grad(loss)(features).dataSync(), numbers('grad_distance_features'), { absolute: 1e-6 });
    expect(prototypeDistance(tf.ones([2, 2]), tf.ones([2, 2]), tf.zeros([2, 2])).dataSync()[0]).toBe(0);
  });
});

describe('labels that are found', () => {
  it('are unknown ones above a margin', () => {
    const scores = tf.tensor2d([0.9, 0.5, 0.7, 0.95], [1, 4]);
    const certain = tf.tensor2d([0, 0, 1, 1], [1, 4]);
    const hard = pseudoLabels(scores, certain, tf.scalar(0.5), 'hard');
    expect([...hard.labels.dataSync(), ...hard.known.dataSync()]).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
    const soft = pseudoLabels(scores, certain, tf.scalar(0.5), 'soft');
    expectClose(soft.labels.dataSync(), [0.4, 0, 0, 0], { absolute: 1e-6 });
    const none = pseudoLabels(scores, certain, tf.scalar(0.95), 'hard');
    expect(none.known.dataSync().some(Boolean)).toBe(false);
  });

  it('teach a learned margin through the cross-entropy, as in the equations', () => {
    const similarity = tensorOf('similarity');
    const loss = (margin: tf.Tensor): tf.Scalar => {
      const found = pseudoLabels(similarity, known, margin, 'soft');
      return partialBinaryCrossEntropy(tensorOf('scores'), found.labels, { known: found.known });
    };
    const margin = tf.scalar(stored.margin as number);
    expectClose(pseudoLabels(similarity, known, margin, 'soft').labels.dataSync(), numbers('soft'), { absolute: 1e-6 });
    expectClose(loss(margin).dataSync(), [stored.cross_entropy as number], { absolute: 1e-6 });
    expectClose(tf.grad(loss)(margin).dataSync(), [stored.grad_margin as number], { absolute: 1e-6 });
  });

  it('have a margin that falls by equal steps', () => {
    const margin = { name: 'falling', start: 0.95, end: 0.75, epochs: 8 } as const;
    const epochs = [0, 5, 6, 9, 13, 19];
    expectClose(
      epochs.map((epoch) => fallingMargin(epoch, 5, margin)),
      [0.95, 0.95, 0.925, 0.85, 0.75, 0.75],
      { absolute: 1e-9 },
    );
    expect(() => fallingMargin(0.5, 5, margin)).toThrow('fallingMargin: epoch');
  });
});

describe('a queue of positives', () => {
  const one = (values: readonly number[]): tf.Tensor3D => tf.tensor3d([...values], [values.length, 1, 1]);
  const all = (B: number): tf.Tensor2D => tf.ones([B, 1]);

  it('holds the latest of each class, whatever comes at once', () => {
    const queue = new PositivesQueue({ classes: 1, size: 3, features: 1 });
    const held = (): number[] => {
      const { vectors, counts } = queue.contents();
      return [...vectors.dataSync().slice(0, counts.dataSync()[0])].sort();
    };
    queue.enqueue(one([1]), all(1));
    expect(held()).toEqual([1]);
    queue.enqueue(one([2, 3, 4]), tf.tensor2d([1, 0, 1], [3, 1]));
    expect(held()).toEqual([1, 2, 4]);
    queue.enqueue(one([5]), all(1));
    expect(held()).toEqual([2, 4, 5]);
    queue.enqueue(one([6, 7, 8, 9, 10]), all(5));
    expect(held()).toEqual([10, 8, 9].sort());
    for (let i = 0; i < 20; i++) queue.enqueue(one([i]), all(1));
    expect(held()).toEqual([17, 18, 19]);
    queue.enqueue(tf.zeros([0, 1, 1]), tf.zeros([0, 1]));
    expect(held()).toEqual([17, 18, 19]);
  });

  it('keeps classes apart, and leaks nothing', async () => {
    const queue = new PositivesQueue({ classes: 2, size: 2, features: 2 });
    await expectNoLeak(() => {
      const [given, which] = [randomTensor<tf.Tensor3D>([2, 2, 2], 1), tf.tensor2d([0, 1, 0, 1], [2, 2])];
      queue.enqueue(given, which);
      return [given, which];
    });
    const { vectors, counts } = queue.contents();
    expect([...counts.dataSync()]).toEqual([0, 2]);
    const given = randomTensor([2, 2, 2], 1).dataSync();
    expectClose(vectors.dataSync(), [0, 0, 0, 0, given[2], given[3], given[6], given[7]]);
    const bad = tf.tensor2d([0, 2, 0, 1], [2, 2]);
    expect(() => queue.enqueue(tf.zeros([2, 2, 2]), bad)).toThrow('positives');
  });
});

it('of nothing there is nothing', () => {
  const none = tf.zeros<tf.Rank.R2>([0, 4]);
  expect(storedHead().forward(tf.zeros([0, 4, 5])).shape).toEqual([0, 6]);
  expect(pairLabels(none, none).labels.shape).toEqual([0, 6]);
  expect(pairLabels(tf.ones([2, 1]), tf.ones([2, 1])).labels.shape).toEqual([2, 0]);
  expect(meanCoOccurrence(tf.zeros([2, 0]), tf.ones([2, 1]), tf.ones([2, 1])).dataSync()).toEqual(new Float32Array(2));
  expect(classSimilarity(tf.zeros([0, 4, 5]), tf.zeros([4, 5])).shape).toEqual([0, 4]);
  expect(pseudoLabels(none, none, tf.scalar(0.5), 'soft').labels.shape).toEqual([0, 4]);
  expect(prototypeDistance(none, none, none).dataSync()[0]).toBe(0);
});
