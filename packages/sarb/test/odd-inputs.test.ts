import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  blendInstances,
  blendPrototypes,
  choosePrototypes,
  contrastiveLoss,
  contrastiveWeight,
  kMeans,
  lloyd,
} from '../src/index.ts';
import { expectNoLeak, randomLabels, randomTensor } from './support.ts';

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
